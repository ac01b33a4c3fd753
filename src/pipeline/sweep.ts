import type { Doorbell } from '../coordination/coordination.ts'
import type { Account } from '../model/conversation.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Store } from '../store/store.ts'
import type { Grace } from './grace.ts'

export interface SweepNeeds {
  store: Pick<Store, 'read'>
  doorbell: Doorbell
  grace: Grace
  /** Those running here: what is of another bot waits for it. */
  accounts: readonly Account[]
  events: Events
  clock: Clock
  everyMs: number
  leaseMs: number
}

const sweepLimit = 1000

/** Finds work whose bell was lost (a crash, a flushed queue, a lease that expired) and rings again. */
export function createSweep(needs: SweepNeeds): { start(): void; stop(): Promise<void> } {
  const { store, doorbell, accounts, events, clock, leaseMs } = needs
  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()
  /** Work this fresh has a bell of its own; after a start none has. */
  let freshMs = 0

  async function sweep(): Promise<void> {
    const atStart = freshMs === 0
    const now = clock.now() - freshMs
    freshMs = needs.everyMs
    const { turns, deliveries } = await needs.grace.find(async (own) => ({
      turns: await store.read.turns.waiting(now, accounts, sweepLimit, leaseMs, own),
      deliveries: await store.read.outbox.due(now, accounts, sweepLimit, leaseMs, own),
    }))
    for (const id of turns) doorbell.ring('turn', id)
    for (const id of deliveries) doorbell.ring('outbox', id)
    events.workRecovered({ turns: turns.length, deliveries: deliveries.length, atStart })
  }

  function run(): void {
    sweeping = sweep()
      .catch((err: unknown) => events.faulted({ area: 'sweep', err }))
      .finally(() => {
        if (timer) timer = setTimeout(run, needs.everyMs)
      })
  }

  return {
    start() {
      timer = setTimeout(run, 0)
    },
    async stop() {
      clearTimeout(timer)
      timer = undefined
      await sweeping
    },
  }
}
