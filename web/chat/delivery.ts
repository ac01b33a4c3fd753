import type { ServerFrame } from '../../src/http/contract/socket.ts'
import type { Link } from './connection/connection.ts'
import type { Outbox } from './connection/outbox.ts'
import type { ChatEvent } from './session/apply.ts'
import type { ChatState, Draft } from './session/state.ts'
import type { Store } from './session/store.ts'

interface DeliveryNeeds {
  store: Store<ChatState, ChatEvent>
  outbox: Outbox
  send: Link['send']
  newId: () => string
  now: () => number
}

/** The pause after each message, in milliseconds: the server closes sockets that send more than ten frames a second. */
const pauseMs = 120

/** Brings what was written to the server: in order, once each (by its id), again after a cut, until it is accepted. */
export function createDelivery({ store, outbox, send, newId, now }: DeliveryNeeds) {
  /** Sent over this connection and not answered yet. */
  const underway = new Set<string>()
  let pause: ReturnType<typeof setTimeout> | undefined

  function wait(ms: number): void {
    clearTimeout(pause)
    pause = setTimeout(() => {
      pause = undefined
      pump()
    }, ms)
  }

  function pump(): void {
    if (pause !== undefined) return
    const next = store.get().drafts.find((draft) => draft.state === 'pending' && !underway.has(draft.id))
    if (!next || !transmit(next, send)) return
    underway.add(next.id)
    wait(pauseMs)
  }

  function write(content: Pick<Draft, 'text' | 'press'>): void {
    const draft: Draft = {
      id: newId(),
      session: store.get().current,
      at: now(),
      state: 'pending',
      ...content,
    }
    outbox.put(draft)
    store.dispatch({ type: 'drafted', draft })
    pump()
  }

  /** The server put a message off: what was written after it waits too. */
  function putOff(id: string, retryAfterMs: number): void {
    underway.delete(id)
    const draft = store.get().drafts.find((one) => one.id === id)
    if (draft?.state === 'pending') wait(retryAfterMs * (draft.putOff ?? 1))
  }

  function onFrame(frame: ServerFrame, before: Draft[]): void {
    forgetSettled(outbox, before, store.get().drafts)
    if (frame.type === 'hello') {
      underway.clear()
      pump()
    } else if (frame.type === 'error' && frame.id !== undefined) {
      putOff(frame.id, frame.retryAfterMs ?? 0)
    }
  }

  function retry(id: string): void {
    store.dispatch({ type: 'retried', id })
    underway.delete(id)
    const revived = store.get().drafts.find((draft) => draft.id === id)
    if (revived) outbox.put(revived)
    pump()
  }

  function discard(id: string): void {
    const unwanted = store.get().drafts.find((draft) => draft.id === id)
    if (unwanted) outbox.remove(unwanted)
    store.dispatch({ type: 'discarded', id })
  }

  return { write, retry, discard, onFrame, close: () => clearTimeout(pause) }
}

function transmit({ id, session, text, press }: Draft, send: Link['send']): boolean {
  if (!press) return send({ type: 'send', session, id, text })
  return send({ type: 'press', session, id, seq: press.seq, action: press.action })
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
