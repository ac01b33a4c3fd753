import type { Doorbell } from '../coordination/coordination.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Later } from '../store/store.ts'

export interface LateBellNeeds {
  kind: 'turn' | 'outbox'
  doorbell: Pick<Doorbell, 'ring'>
  events: Pick<Events, 'faulted'>
  clock: Clock
  /** Of these conversations those nobody works on, and when they are due. */
  later(conversationIds: string[], now: number): Promise<Later[]>
}

/** For so long at most somebody else holds the row of a conversation that is due, in milliseconds. */
const heldMs = 50

/**
 * Told of conversations whose bell rang and that could not be taken at `now`. It was rung by another clock than ours, which
 * is behind: it is rung again for when it is time by ours. Or somebody held its row for a moment. Not waited for.
 */
export function createLateBells({ kind, doorbell, events, clock, later }: LateBellNeeds) {
  async function ring(conversationIds: string[], now: number): Promise<void> {
    for (const { conversationId, dueAt } of await later(conversationIds, now)) {
      const delayMs = dueAt > now ? Math.max(0, dueAt - clock.now()) : heldMs
      doorbell.ring(kind, conversationId, delayMs)
    }
  }
  return (conversationIds: string[], now: number): void => {
    if (conversationIds.length === 0) return
    ring(conversationIds, now).catch((err: unknown) => events.faulted({ area: kind, err }))
  }
}
