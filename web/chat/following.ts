import type { ServerFrame } from '../../src/http/contract/socket.ts'
import type { Link } from './connection/connection.ts'
import type { ChatEvent } from './session/apply.ts'
import { type ChatState, isBehind, lastSeq, viewOf } from './session/state.ts'
import type { Store } from './session/store.ts'

/** How long to wait before asking again for messages an answer did not bring, in milliseconds. */
const askAgainMs = 1000

/** Keeps the session on screen in step with the server, without gaps. */
export function createFollowing(store: Store<ChatState, ChatEvent>, send: Link['send']) {
  let asking: ReturnType<typeof setTimeout> | undefined

  function open(): void {
    clearTimeout(asking)
    asking = undefined
    const session = store.get().current
    const after = lastSeq(viewOf(store.get(), session))
    if (send({ type: 'open', session, after })) store.dispatch({ type: 'asked', session })
  }

  function openLater(ms: number): void {
    asking ??= setTimeout(open, ms)
  }

  function older(): void {
    const { current } = store.get()
    const view = viewOf(store.get(), current)
    const first = view.messages[0]
    if (!first || !view.more || view.loadingOlder) return
    if (send({ type: 'history', session: current, before: first.seq })) {
      store.dispatch({ type: 'olderAsked', session: current })
    }
  }

  function onFrame(frame: ServerFrame): void {
    const { current } = store.get()
    if (frame.type === 'hello') {
      open()
      send({ type: 'sessions' })
    } else if (frame.type === 'error' && frame.id === undefined) {
      if (frame.retryAfterMs !== undefined) openLater(frame.retryAfterMs)
    } else if ('session' in frame && frame.session === current && isBehind(viewOf(store.get(), current))) {
      openLater(frame.type === 'opened' ? askAgainMs : 0)
    }
  }

  /** A session that nobody had written in yet cannot be followed; it can once another tab has. */
  function writtenElsewhere(session: string): void {
    if (session === store.get().current && lastSeq(viewOf(store.get(), session)) === 0) openLater(0)
  }

  return {
    writtenElsewhere,
    open,
    older,
    onFrame,
    close: () => clearTimeout(asking),
  }
}
