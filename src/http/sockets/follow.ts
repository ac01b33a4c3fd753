import type { Bus, BusEvent } from '../../coordination/coordination.ts'
import type { Reader } from '../../store/store.ts'
import type { PageMessage, ServerFrame } from '../contract/socket.ts'
import { historyBefore, nextAfter } from './history.ts'
import { createLookout } from './lookout.ts'
import type { Outlet } from './outlet.ts'
import { createPump } from './pump.ts'

export interface FollowNeeds extends Outlet {
  read: Reader
  bus: Bus
  onError: (error: unknown) => void
}

/** A page's view of one session: every row once, in order, without gaps. */
export interface Follower {
  /** Sends `opened`, then every later row as it is committed. */
  open(after: number): Promise<void>
  /** The conversation exists now: follow it. False when it follows another, which was deleted for its age. */
  attach(conversationId: string): boolean
  close(): void
}

export interface Followed {
  session: string
  /** The session's own topic: its first message is told there. */
  chat: string
  /** The session's conversation, once it has one. */
  find(): Promise<string | undefined>
}

/** A page that missed more than this starts anew with the last page of history. */
const longestResume = 200

export function createFollower({ session, chat, find }: Followed, needs: FollowNeeds): Follower {
  const { read, bus, send, room } = needs
  let conversation: string | undefined
  let unsubscribe: (() => void) | undefined
  /** The last sequence the page has; `undefined` until it was opened. */
  let sent: number | undefined
  let closed = false

  /** Sends the next rows once the page has taken the earlier ones, also of a session whose beginning was missed. */
  async function sendNext(): Promise<boolean> {
    await room()
    attach(conversation ?? (await find()))
    if (closed || conversation === undefined || sent === undefined) return false
    const { messages, more } = await nextAfter(read, conversation, sent)
    if (messages.length > 0 && !closed) sendRows({ type: 'messages', session, messages }, messages.at(-1))
    return more
  }

  function sendRows(frame: ServerFrame, last: LastWord): void {
    send(frame)
    sent = last?.seq ?? 0
    lookout.lastWord(last?.author === 'contact')
  }

  const schedule = createPump(sendNext, needs.onError)
  const lookout = createLookout(schedule)

  function onEvent(event: BusEvent): void {
    if (event.type === 'begun') attach(event.conversationId)
    else if (event.type === 'changed') schedule()
    else send(signOf(session, event))
  }

  function attach(id: string | undefined): boolean {
    if (!id || conversation || closed) return conversation === id
    unsubscribe?.()
    conversation = id
    unsubscribe = bus.subscribe(id, onEvent)
    schedule()
    return true
  }

  return {
    async open(after) {
      // Subscribed before reading: what is committed in between is pumped afterwards.
      unsubscribe = bus.subscribe(chat, onEvent)
      attach(await find())
      await room()
      const opened = conversation ? await resume(read, session, conversation, after) : nothing(session)
      sendRows(opened.frame, opened.last)
      if (conversation) schedule()
    },
    attach,
    close() {
      closed = true
      lookout.close()
      unsubscribe?.()
    },
  }
}

/** What a page sees of an answer in the making. */
function signOf(session: string, event: Extract<BusEvent, { type: 'typing' | 'preview' }>): ServerFrame {
  if (event.type === 'typing') return { type: 'typing', session, active: event.active }
  const { turnId, attempt, text } = event
  return { type: 'preview', session, turn: turnId, attempt, text }
}

interface Opened {
  frame: Extract<ServerFrame, { type: 'opened' }>
  last: LastWord
}

/** The last row the page has of the session, if it has one. */
type LastWord = Pick<PageMessage, 'seq' | 'author'> | undefined

const nothing = (session: string): Opened => ({
  frame: { type: 'opened', session, messages: [], more: false, reset: true },
  last: undefined,
})

/**
 * What the page lacks after `after`, or the last page of history when that is too much, or it has none. What one frame
 * cannot carry of the former follows as `messages`; the page asks for older ones of the latter.
 */
async function resume(read: Reader, session: string, conversation: string, after: number): Promise<Opened> {
  const [latest] = await read.messages.page(conversation, { limit: 1 })
  const last = latest?.seq ?? 0
  const behind = last - after
  if (after === 0 || behind < 0 || behind > longestResume) {
    const history = await historyBefore(read, conversation, last + 1)
    return { frame: { type: 'opened', session, ...history, reset: true }, last: latest }
  }
  const { messages } = await nextAfter(read, conversation, after)
  const frame: Opened['frame'] = { type: 'opened', session, messages, more: false, reset: false }
  return { frame, last: messages.at(-1) ?? latest }
}
