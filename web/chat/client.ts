import type { ServerFrame } from '../../src/http/contract/socket.ts'
import { createLink, type Link, type LinkNeeds } from './connection/connection.ts'
import type { Outbox } from './connection/outbox.ts'
import { createSilence } from './connection/silence.ts'
import { apply, type ChatEvent } from './session/apply.ts'
import { type ChatState, type Draft, initialState, isBehind, lastSeq, viewOf } from './session/state.ts'
import { createStore, type Store } from './session/store.ts'

export interface ClientNeeds extends Pick<LinkNeeds, 'url' | 'random' | 'pingMs' | 'silenceMs'> {
  session: string
  outbox: Outbox
  newId: () => string
  now: () => number
  /** Called when something changed that other tabs list too. */
  onSessionsChanged?: () => void
}

/** Everything the page can ask for. */
export interface Client {
  store: Pick<Store<ChatState, ChatEvent>, 'get' | 'subscribe'>
  send(text: string): void
  /** A button of message `seq`; 0 is the greeting. */
  press(seq: number, button: { label: string; action: string }): void
  show(session: string): void
  older(): void
  retry(id: string): void
  discard(id: string): void
  refreshSessions(): void
  closeNotice(): void
  reconnect(): void
  close(): void
}

/** How long to wait before asking again for messages an answer did not bring, in milliseconds. */
const askAgainMs = 1000

/** Joins the state of the page with its connection: what to ask when, and what to send again after a cut. */
export function createClient({
  session,
  outbox,
  newId,
  now,
  onSessionsChanged,
  ...wire
}: ClientNeeds): Client {
  const store = createStore(initialState(session, outbox.load(now())), apply)
  const silence = createSilence((of, what) => store.dispatch({ type: 'fellSilent', session: of, what }))
  let asking: ReturnType<typeof setTimeout> | undefined

  const open = (shown: string) => {
    clearTimeout(asking)
    asking = undefined
    const after = lastSeq(viewOf(store.get(), shown))
    if (link.send({ type: 'open', session: shown, after })) store.dispatch({ type: 'asked', session: shown })
  }

  const transmit = ({ id, session: of, text, press }: Draft) =>
    press
      ? link.send({ type: 'press', session: of, id, seq: press.seq, action: press.action })
      : link.send({ type: 'send', session: of, id, text })

  const draft = (content: Pick<Draft, 'text' | 'press'>) => {
    const made: Draft = { id: newId(), session: store.get().current, at: now(), state: 'pending', ...content }
    outbox.put(made)
    store.dispatch({ type: 'drafted', draft: made })
    transmit(made)
  }

  const greeted = () => {
    open(store.get().current)
    link.send({ type: 'sessions' })
    for (const waiting of store.get().drafts) if (waiting.state === 'pending') transmit(waiting)
  }

  /** Asks for missing messages: at once when a gap is seen, later when the answer did not close it. */
  const closeGap = (frame: ServerFrame) => {
    const shown = store.get().current
    if (asking || !('session' in frame) || frame.session !== shown || !isBehind(viewOf(store.get(), shown)))
      return
    asking = setTimeout(() => open(shown), frame.type === 'opened' ? askAgainMs : 0)
  }

  const onFrame = (frame: ServerFrame) => {
    const before = store.get().drafts
    store.dispatch({ type: 'frame', frame })
    forgetSettled(outbox, before, store.get().drafts)
    if (frame.type === 'hello') greeted()
    if (frame.type === 'error' && frame.id && frame.retryAfterMs !== undefined)
      retryLater(frame.id, frame.retryAfterMs)
    if (frame.type === 'accepted') {
      link.send({ type: 'sessions' })
      onSessionsChanged?.()
    }
    silence.watch(frame)
    closeGap(frame)
  }

  const retry = (id: string) => {
    store.dispatch({ type: 'retried', id })
    const revived = store.get().drafts.find((one) => one.id === id)
    if (!revived || revived.state !== 'pending') return
    outbox.put(revived)
    transmit(revived)
  }

  const retryLater = (id: string, ms: number) => {
    if (ms <= 30_000) setTimeout(() => retry(id), ms)
  }

  const link: Link = createLink({
    ...wire,
    onFrame,
    onChange: (connection) => store.dispatch({ type: 'connection', connection }),
  })

  return {
    store,
    send: (text) => draft({ text }),
    press: (seq, { label, action }) => draft({ text: label, press: { seq, action } }),
    show(next) {
      store.dispatch({ type: 'shown', session: next })
      open(next)
    },
    older() {
      const { current } = store.get()
      const view = viewOf(store.get(), current)
      const first = view.messages[0]
      if (!first || !view.more || view.loadingOlder) return
      if (link.send({ type: 'history', session: current, before: first.seq }))
        store.dispatch({ type: 'olderAsked', session: current })
    },
    retry,
    discard(id) {
      const unwanted = store.get().drafts.find((one) => one.id === id)
      if (unwanted) outbox.remove(unwanted)
      store.dispatch({ type: 'discarded', id })
    },
    refreshSessions: () => void link.send({ type: 'sessions' }),
    closeNotice: () => store.dispatch({ type: 'noticeClosed' }),
    reconnect: () => link.retryNow(),
    close() {
      clearTimeout(asking)
      silence.close()
      link.close()
    },
  }
}

/** What the server has is no longer kept here; what it refused is kept as refused. */
function forgetSettled(outbox: Outbox, before: Draft[], after: Draft[]): void {
  if (before === after) return
  const now = new Map(after.map((draft) => [draft.id, draft]))
  for (const draft of before) {
    const next = now.get(draft.id)
    if (next === draft) continue
    if (!next || next.state === 'accepted') outbox.remove(draft)
    else outbox.put(next)
  }
}
