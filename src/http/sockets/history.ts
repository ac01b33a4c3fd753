import type { Reader } from '../../store/store.ts'
import { historyPage, type PageMessage } from '../contract/socket.ts'
import { toPageMessage } from '../page-message.ts'
import { firstPortion, lastPortion } from './portion.ts'

/** As many messages as one frame carries, without gaps; `more`: others may follow in the direction of reading. */
export interface Stretch {
  messages: PageMessage[]
  more: boolean
}

/** Few, because long ones fill a frame soon, and the others were read for nothing. */
const rowsAtOnce = 20

/** The last messages before `before`, a page of history at most. */
export async function historyBefore(read: Reader, conversation: string, before: number): Promise<Stretch> {
  const rows = await read.messages.page(conversation, { before, limit: historyPage })
  const messages = lastPortion(rows.map(toPageMessage))
  return { messages, more: (messages[0]?.seq ?? 1) > 1 }
}

/** The first messages after `after`. */
export async function nextAfter(read: Reader, conversation: string, after: number): Promise<Stretch> {
  const rows = await read.messages.since(conversation, after, rowsAtOnce)
  const messages = firstPortion(rows.map(toPageMessage))
  return { messages, more: messages.length < rows.length || rows.length === rowsAtOnce }
}
