import { setTimeout as sleep } from 'node:timers/promises'
import type { Allowances } from '../coordination/coordination.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Store } from '../store/store.ts'

export interface PaceNeeds {
  allowances: Allowances
  store: Pick<Store, 'read' | 'write'>
  events: Pick<Events, 'faulted'>
  clock: Clock
}

/** A Redis that was flushed forgets closures: the row is read again after so long, in milliseconds. */
const readEveryMs = 5000

/** No send waits longer for a slow database, in milliseconds. */
const patienceMs = 200

/** The poller's lease has the name of the account itself. */
const rowOf = (key: string): string => `closed:${key}`

/**
 * Allowances of all processes whose closures outlive them: a platform that told a bot to wait for minutes means also the
 * one that starts meanwhile. `name`: the key whose closures do; those of others, which strangers may provoke, leave no rows.
 */
export function createPace(name: string, { allowances, store, events, clock }: PaceNeeds): Allowances {
  const fault = (err: unknown): void => events.faulted({ area: 'outbox', err })
  let remembered: Promise<void> | undefined
  let readAt = Number.NEGATIVE_INFINITY

  async function remember(): Promise<void> {
    const until = await store.read.leases.closedUntil(rowOf(name), clock.now())
    const left = until - clock.now()
    if (left > 0) await allowances.close(name, left)
  }

  return {
    async take(asked) {
      if (performance.now() - readAt >= readEveryMs) {
        readAt = performance.now()
        remembered = Promise.race([remember().catch(fault), sleep(patienceMs, undefined, { ref: false })])
      }
      await remembered
      return allowances.take(asked)
    },
    async close(key, ms) {
      const now = clock.now()
      await allowances.close(key, ms)
      if (key === name) await store.write((tx) => tx.leases.close(rowOf(key), now, now + ms)).catch(fault)
    },
  }
}
