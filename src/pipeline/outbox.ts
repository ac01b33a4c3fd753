import type { Channel } from '../channels/channel.ts'
import type { Doorbell } from '../coordination/coordination.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Faults } from '../ops/faults.ts'
import type { Delivery, DeliveryOutcome, Lane, Settlement, Store } from '../store/store.ts'
import { createBatch } from './batch.ts'
import { createDispatcher, type DispatchPolicy } from './dispatch.ts'
import { createHeartbeat } from './heartbeat.ts'

export interface OutboxNeeds extends DispatchPolicy {
  store: Pick<Store, 'write'>
  doorbell: Doorbell
  channels: ReadonlyMap<string, Channel>
  events: Events
  faults: Faults
  clock: Clock
  holder: string
  concurrency: number
  leaseMs: number
}

/** Sends what is queued, in order for each conversation, without ever holding a turn. */
export interface Outbox {
  /** Which of these conversations the caller may claim for `carry` now. */
  room(conversationIds: string[]): string[]
  /** Sends deliveries claimed by the caller, and then the rest of their lanes; rings for the others with replies. */
  carry(deliveries: Delivery[], others: string[]): void
  /** Waits for what is being sent. */
  stop(): Promise<void>
}

const batchSize = 100
/** Wait between tries to record an outcome while the database is away. */
const recordRetryMs = 1000

export function createOutbox(needs: OutboxNeeds): Outbox {
  const { store, doorbell, events, faults, clock, holder, leaseMs } = needs
  const dispatch = createDispatcher(needs)
  const carrying = new Map<string, Promise<void>>()
  let stopping = false

  const heartbeat = createHeartbeat({
    everyMs: leaseMs / 3,
    renew: (ids) => store.write((tx) => tx.outbox.renew(ids, holder, clock.now() + leaseMs)),
  })

  const claim = createBatch<string, Delivery | undefined>({
    size: batchSize,
    flush: async (ids) => {
      const now = clock.now()
      const claimed = await store.write((tx) => tx.outbox.claim(ids, holder, now, now + leaseMs))
      const byId = new Map(claimed.map((delivery) => [delivery.conversation.id, delivery]))
      return ids.map((id) => byId.get(id))
    },
  })

  const settle = createBatch<Settlement, Lane>({
    size: batchSize,
    flush: (settlements) => {
      const now = clock.now()
      return store.write((tx) => tx.outbox.settle(settlements, holder, now, now + leaseMs))
    },
  })

  /** What was sent must be recorded: tried until the database takes it or the process stops. */
  async function record(settlement: Settlement): Promise<Lane> {
    for (;;) {
      try {
        return await settle(settlement)
      } catch (err) {
        events.faulted({ area: 'outbox', err, conversationId: settlement.conversationId })
        if (stopping) return { next: undefined, dueAt: undefined }
        await new Promise((resolve) => setTimeout(resolve, recordRetryMs))
      }
    }
  }

  async function carryLane(first: Delivery): Promise<void> {
    const id = first.conversation.id
    heartbeat.hold(id, () => undefined)
    let delivery: Delivery | undefined = first
    while (delivery) {
      faults.reach('outbox.claimed')
      const outcome: DeliveryOutcome = await dispatch(delivery)
      const lane: Lane = await record({ conversationId: id, seq: delivery.seq, outcome })
      faults.reach('outbox.settled')
      if (lane.dueAt !== undefined && !lane.next) doorbell.ring('outbox', id, Math.max(0, lane.dueAt - clock.now()))
      delivery = lane.next
    }
  }

  function start(delivery: Delivery): Promise<void> {
    const id = delivery.conversation.id
    const done = carryLane(delivery)
      .catch((err: unknown) => events.faulted({ area: 'outbox', err, conversationId: id }))
      .finally(() => {
        heartbeat.release(id)
        carrying.delete(id)
      })
    carrying.set(id, done)
    return done
  }

  doorbell.listen('outbox', needs.concurrency, async (id) => {
    await carrying.get(id)
    try {
      const delivery = await claim(id)
      if (delivery) await start(delivery)
    } catch (err) {
      events.faulted({ area: 'outbox', err, conversationId: id })
    }
  })

  return {
    room(ids) {
      return ids.filter((id) => !carrying.has(id)).slice(0, Math.max(0, needs.concurrency - carrying.size))
    },
    carry(deliveries, others) {
      for (const delivery of deliveries) void start(delivery)
      for (const id of others) doorbell.ring('outbox', id)
    },
    async stop() {
      stopping = true
      await Promise.all(carrying.values())
      heartbeat.stop()
    },
  }
}
