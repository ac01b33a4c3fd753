import type { ServerFrame } from '../../src/http/contract/socket.ts'
import type { Link } from './connection/connection.ts'
import type { Outbox } from './connection/outbox.ts'
import { createLane } from './lane.ts'
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

/** In milliseconds: the server closes sockets that send more than ten frames a second. */
const pauseMs = 120

/**
 * Brings what was written to the server: once each (by its id), again after a cut, until it is accepted. In a session one
 * waits for the answer to the one before it, which may have to go again.
 */
export function createDelivery({ store, outbox, send, newId, now }: DeliveryNeeds) {
  const draftOf = (id: string) => store.get().drafts.find((draft) => draft.id === id)
  const lane = createLane<Draft>({
    next: (underway) => nextOf(store.get().drafts, underway),
    transmit: (draft) => transmit(draft, send),
    pauseMs,
  })

  return {
    write(content: Pick<Draft, 'text' | 'press'>): void {
      const { current, drafts } = store.get()
      const draft: Draft = {
        id: newId(),
        session: current,
        // The order of what waits, for the next page too: whatever the clock says, later than the one before.
        at: Math.max(now(), (drafts.at(-1)?.at ?? 0) + 1),
        state: 'pending',
        ...content,
      }
      outbox.put(draft)
      store.dispatch({ type: 'drafted', draft })
      lane.pump()
    },
    retry(id: string): void {
      store.dispatch({ type: 'retried', id })
      const revived = draftOf(id)
      if (revived) outbox.put(revived)
      lane.again(id, 0)
    },
    discard(id: string): void {
      const unwanted = draftOf(id)
      if (unwanted) outbox.remove(unwanted)
      store.dispatch({ type: 'discarded', id })
    },
    /** `before`: the drafts as they were before this frame. */
    onFrame(frame: ServerFrame, before: Draft[]): void {
      forgetSettled(outbox, before, store.get().drafts)
      if (frame.type === 'hello') lane.restart()
      if (frame.type === 'accepted') lane.pump()
      if (frame.type !== 'error' || frame.id === undefined) return
      const putOff = draftOf(frame.id)?.putOff ?? 0
      lane.again(frame.id, (frame.retryAfterMs ?? 0) * putOff)
    },
    close: lane.close,
  }
}

/** The first that waits in a session of which none is underway. */
function nextOf(drafts: Draft[], underway: ReadonlySet<string>): Draft | undefined {
  const pending = drafts.filter(({ state }) => state === 'pending')
  const busy = new Set(pending.filter(({ id }) => underway.has(id)).map(({ session }) => session))
  return pending.find(({ session }) => !busy.has(session))
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
