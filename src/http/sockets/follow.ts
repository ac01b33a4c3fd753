import type { Bus, BusEvent } from '../../coordination/coordination.ts'
import type { Reader } from '../../store/store.ts'
import type { ServerFrame } from '../contract/socket.ts'
import { historyBefore, nextAfter } from './history.ts'
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
  /** The conversation exists now: follow it. */
  attach(conversationId: string): void
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

  /** Sends the next rows once the page has taken the earlier ones; false when there are no more. */
  async function sendNext(): Promise<boolean> {
    await room()
    if (closed || conversation === undefined || sent === undefined) return false
    const { messages, more } = await nextAfter(read, conversation, sent)
    if (messages.length > 0) send({ type: 'messages', session, messages })
    sent = messages.at(-1)?.seq ?? sent
    return more
  }

  const schedule = createPump(sendNext, needs.onError)

  function onEvent(event: BusEvent): void {
    if (event.type === 'begun') attach(event.conversationId)
    else if (event.type === 'changed') schedule()
    else if (event.type === 'typing') send({ type: 'typing', session, active: event.active })
    else send({ type: 'preview', session, turn: event.turnId, attempt: event.attempt, text: event.text })
  }

  function attach(id: string): void {
    if (conversation || closed) return
    unsubscribe?.()
    conversation = id
    unsubscribe = bus.subscribe(id, onEvent)
    schedule()
  }

  return {
    async open(after) {
      // Subscribed before reading: what is committed in between is pumped afterwards.
      unsubscribe = bus.subscribe(chat, onEvent)
      const found = await find()
      if (found) attach(found)
      await room()
      const opened = conversation ? await resume(read, session, conversation, after) : nothing(session)
      send(opened.frame)
      sent = opened.last
      schedule()
    },
    attach,
    close() {
      closed = true
      unsubscribe?.()
    },
  }
}

interface Opened {
  frame: Extract<ServerFrame, { type: 'opened' }>
  last: number
}

const nothing = (session: string): Opened => ({
  frame: { type: 'opened', session, messages: [], more: false, reset: true },
  last: 0,
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
    return { frame: { type: 'opened', session, ...history, reset: true }, last }
  }
  const { messages } = await nextAfter(read, conversation, after)
  const frame: Opened['frame'] = { type: 'opened', session, messages, more: false, reset: false }
  return { frame, last: messages.at(-1)?.seq ?? after }
}
