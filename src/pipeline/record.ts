import { setTimeout as sleep } from 'node:timers/promises'
import { isDatabaseAway } from '../model/errors.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Lane, Settlement, Store } from '../store/store.ts'
import { createBatch } from './batch.ts'

/** Records what became of deliveries, many in one transaction. */
export interface Recorder {
  /**
   * What was sent must be recorded: tried until the database takes it. After `drain` it is tried once, and what cannot
   * be recorded stays in doubt.
   */
  record(settlement: Settlement): Promise<Lane>
  /** The process stops: lanes are released instead of going on. */
  drain(): void
}

export interface RecorderNeeds {
  store: Pick<Store, 'write' | 'gatherMs'>
  events: Events
  clock: Clock
  holder: string
  leaseMs: number
}

const settleSize = 100
/** Wait between tries while the database is away. */
const retryMs = 1000
const released: Lane = { next: undefined, dueAt: undefined }

export function createRecorder({ store, events, clock, holder, leaseMs }: RecorderNeeds): Recorder {
  let stopping = false
  const settle = createBatch<Settlement, Lane>({
    size: settleSize,
    gatherMs: store.gatherMs,
    flush: (settlements) => {
      const now = clock.now()
      const until = stopping ? undefined : now + leaseMs
      return store.write((tx) => tx.outbox.settle(settlements, holder, now, until))
    },
  })

  /** An outcome the database refuses to store is stored as one it takes: the lane must not stand still. */
  const settleAnyhow = async (settlement: Settlement): Promise<Lane> => {
    try {
      return await settle(settlement)
    } catch (err) {
      if (isDatabaseAway(err)) throw err
      events.faulted({ area: 'outbox', err, conversationId: settlement.conversationId })
      return settle({ ...settlement, outcome: { kind: 'failed', error: 'its outcome could not be stored' } })
    }
  }

  return {
    async record(settlement) {
      for (;;) {
        try {
          return await settleAnyhow(settlement)
        } catch (err) {
          events.faulted({ area: 'outbox', err, conversationId: settlement.conversationId })
          if (stopping) return released
          await sleep(retryMs)
        }
      }
    },
    drain() {
      stopping = true
    },
  }
}
