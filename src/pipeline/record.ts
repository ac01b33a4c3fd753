import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Lane, Settlement, Store } from '../store/store.ts'
import { createBatch } from './batch.ts'

/** Records what became of deliveries, many in one transaction. */
export interface Recorder {
  /** What was sent must be recorded: tried until the database takes it or the process stops. */
  record(settlement: Settlement): Promise<Lane>
  /** The process stops: what cannot be recorded now stays in doubt. */
  giveUp(): void
}

export interface RecorderNeeds {
  store: Pick<Store, 'write'>
  events: Events
  clock: Clock
  holder: string
  leaseMs: number
}

const settleSize = 100
/** Wait between tries while the database is away. */
const retryMs = 1000

export function createRecorder({ store, events, clock, holder, leaseMs }: RecorderNeeds): Recorder {
  let stopping = false
  const settle = createBatch<Settlement, Lane>({
    size: settleSize,
    flush: (settlements) => {
      const now = clock.now()
      return store.write((tx) => tx.outbox.settle(settlements, holder, now, now + leaseMs))
    },
  })
  return {
    async record(settlement) {
      for (;;) {
        try {
          return await settle(settlement)
        } catch (err) {
          events.faulted({ area: 'outbox', err, conversationId: settlement.conversationId })
          if (stopping) return { next: undefined, dueAt: undefined }
          await sleep(retryMs)
        }
      }
    },
    giveUp() {
      stopping = true
    },
  }
}
