import type { Doorbell } from '../coordination/coordination.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Later } from '../store/store.ts'

export interface LateBellNeeds {
  kind: 'turn' | 'outbox'
  doorbell: Pick<Doorbell, 'ring'>
  events: Pick<Events, 'faulted'>
  clock: Clock
  /** Of these conversations those whose work is not due yet, and when it will be. */
  later(conversationIds: string[], now: number): Promise<Later[]>
}

/**
 * Told of conversations whose bell rang and for which there was nothing to do yet: it was rung by another clock than ours,
 * which is behind. Rung again for when it is time by ours; not waited for.
 */
export function createLateBells({ kind, doorbell, events, clock, later }: LateBellNeeds) {
  async function ring(conversationIds: string[]): Promise<void> {
    const now = clock.now()
    for (const { conversationId, dueAt } of await later(conversationIds, now))
      doorbell.ring(kind, conversationId, dueAt - now)
  }
  return (conversationIds: string[]): void => {
    if (conversationIds.length === 0) return
    ring(conversationIds).catch((err: unknown) => events.faulted({ area: kind, err }))
  }
}
