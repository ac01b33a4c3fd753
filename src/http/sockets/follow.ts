import type { Bus, BusEvent } from '../../coordination/coordination.ts'
import type { Reader } from '../../store/store.ts'
import { historyPage, type ServerFrame } from '../contract/socket.ts'
import { toPageMessage } from '../page-message.ts'

export interface FollowNeeds {
  read: Reader
  bus: Bus
  send: (frame: ServerFrame) => void
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
const chunk = 100

export function createFollower({ session, chat, find }: Followed, needs: FollowNeeds): Follower {
  const { read, bus, send } = needs
  let conversation: string | undefined
  let unsubscribe: (() => void) | undefined
  /** The last sequence the page has; `undefined` until it was opened. */
  let sent: number | undefined
  let pumping: Promise<void> = Promise.resolve()
  let waiting = false
  let closed = false

  async function pump(): Promise<void> {
    waiting = false
    // That the session began may have been missed.
    const found = conversation ?? (await find())
    if (found) attach(found)
    if (conversation && sent !== undefined) sent = await sendSince(needs, session, conversation, sent)
  }

  function schedule(): void {
    if (waiting) return
    waiting = true
    pumping = pumping.then(pump).catch(needs.onError)
  }

  function onEvent(event: BusEvent): void {
    if (event.type === 'begun') attach(event.conversationId)
    else if (event.type === 'changed') schedule()
    else send(toFrame(session, event))
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
      const opened = conversation ? await resume(read, session, conversation, after) : nothing(session)
      send(opened.frame)
      sent = opened.last
      if (conversation) schedule()
    },
    attach,
    close() {
      closed = true
      unsubscribe?.()
      sent = undefined
    },
  }
}

/** Sends every row after `after`, and tells the last. */
async function sendSince(
  { read, send }: FollowNeeds,
  session: string,
  conversation: string,
  after: number,
): Promise<number> {
  for (let last = after; ; ) {
    const rows = await read.messages.since(conversation, last, chunk)
    if (rows.length > 0) send({ type: 'messages', session, messages: rows.map(toPageMessage) })
    last = rows.at(-1)?.seq ?? last
    if (rows.length < chunk) return last
  }
}

/** What is shown without being a row. */
function toFrame(session: string, event: Extract<BusEvent, { type: 'typing' | 'preview' }>): ServerFrame {
  return event.type === 'typing'
    ? { type: 'typing', session, active: event.active }
    : { type: 'preview', session, turn: event.turnId, attempt: event.attempt, text: event.text }
}

interface Opened {
  frame: Extract<ServerFrame, { type: 'opened' }>
  last: number
}

const nothing = (session: string): Opened => ({
  frame: { type: 'opened', session, messages: [], more: false, reset: true },
  last: 0,
})

/** What the page lacks after `after`, or the last page of history when that is too much, or it has none. */
async function resume(read: Reader, session: string, conversation: string, after: number): Promise<Opened> {
  const [latest] = await read.messages.page(conversation, { limit: 1 })
  const last = latest?.seq ?? 0
  const behind = last - after
  const reset = after === 0 || behind < 0 || behind > longestResume
  const range = reset ? { limit: historyPage } : { after, limit: longestResume }
  const rows = await read.messages.page(conversation, { ...range, before: last + 1 })
  const more = reset && (rows[0]?.seq ?? 1) > 1
  return { frame: { type: 'opened', session, messages: rows.map(toPageMessage), more, reset }, last }
}
