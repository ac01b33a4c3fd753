import type { Bus, BusEvent } from '../../coordination/coordination.ts'
import type { Reader } from '../../store/store.ts'
import type { PageMessage, ServerFrame } from '../contract/socket.ts'
import { historyBefore, nextAfter } from './history.ts'
import { createLookout } from './lookout.ts'
import type { Outlet } from './outlet.ts'
import { createPump } from './pump.ts'
import { createTopic, type Followed } from './topic.ts'

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

/** A page that missed more than this starts anew with the last page of history. */
const longestResume = 200

export function createFollower(followed: Followed, needs: FollowNeeds): Follower {
  const { session } = followed
  const { read, bus, send, room } = needs
  /** The last sequence the page has; `undefined` until it was opened. */
  let sent: number | undefined

  /** Sends the next rows once the page has taken the earlier ones; false when there are no more. */
  async function sendNext(): Promise<boolean> {
    await room()
    const conversation = await topic.conversation()
    if (conversation === undefined || sent === undefined) return false
    const { messages, more } = await nextAfter(read, conversation, sent)
    if (messages.length > 0) sendRows({ type: 'messages', session, messages }, messages.at(-1))
    return more
  }

  function sendRows(frame: ServerFrame, last: LastWord): void {
    send(frame)
    sent = last?.seq ?? 0
    lookout.lastWord(last?.author === 'contact')
  }

  function onEvent(event: BusEvent): void {
    if (event.type === 'begun') topic.attach(event.conversationId)
    else if (event.type === 'changed') schedule()
    else send(signOf(session, event))
  }

  const schedule = createPump(sendNext, needs.onError)
  // The answer may be made by a process whose bus does not reach this one: then nobody here hears of it.
  const lookout = createLookout(schedule)
  const topic = createTopic(followed, { bus, onEvent, onAttached: schedule })

  return {
    async open(after) {
      // Subscribed before reading: what is committed in between is pumped afterwards.
      topic.begin()
      await room()
      const conversation = await topic.conversation()
      const opened = conversation ? await resume(read, session, conversation, after) : nothing(session)
      sendRows(opened.frame, opened.last)
      if (conversation) schedule()
    },
    attach: topic.attach,
    close() {
      lookout.close()
      topic.close()
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
