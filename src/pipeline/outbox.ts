import { setTimeout as sleep } from 'node:timers/promises'
import type { Doorbell } from '../coordination/coordination.ts'
import { isDatabaseAway } from '../model/errors.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Faults } from '../ops/faults.ts'
import type { Delivery, DeliveryOutcome, Store } from '../store/store.ts'
import { createBatch } from './batch.ts'
import { createDispatcher, type DispatchNeeds } from './dispatch.ts'
import type { Grace } from './grace.ts'
import { createHeartbeat } from './heartbeat.ts'
import { createLateBells } from './late-bells.ts'
import { createRecorder, type Recorder } from './record.ts'
import { createRecovery, type Recovery } from './recovery.ts'

export interface OutboxNeeds extends Omit<DispatchNeeds, 'recovery'> {
  store: Pick<Store, 'read' | 'write' | 'gatherMs'>
  doorbell: Doorbell
  events: Events
  faults: Faults
  clock: Clock
  grace: Grace
  holder: string
  concurrency: number
  leaseMs: number
}

/** Sends what is queued, in order for each conversation, without ever holding a turn. */
export interface Outbox {
  /** Which of these conversations the caller may claim for `carry` now. Nobody else here does until it calls `leave`. */
  room(conversationIds: string[]): string[]
  /**
   * Sends deliveries claimed by the caller, and then the rest of their lanes; rings for the others with replies.
   * `claimedAt`: when the claim began, in milliseconds of `performance.now()`.
   */
  carry(deliveries: Delivery[], others: string[], claimedAt: number): void
  /** The claim of these, which `room` allowed, is over, whatever came of it. */
  leave(conversationIds: string[]): void
  /** Resolves once no more than half of the lanes that may be carried at once are, or after `mostMs` milliseconds. */
  relieved(mostMs: number): Promise<void>
  /** From now on no lane goes on to its next reply, and what cannot be recorded stays in doubt. */
  drain(): void
  /** Waits for what is being sent. */
  stop(): Promise<void>
}

const claimSize = 100
/** Wait between tries of a claim while the database is away. */
const retryMs = 500

export function createOutbox(needs: OutboxNeeds): Outbox {
  const { store, doorbell, events, clock, holder, leaseMs, concurrency } = needs
  const recorder = createRecorder(needs)
  const recovery = createRecovery(needs)
  const carryLane = createCarrier(needs, recorder, recovery)
  const lanes = createLanes(concurrency, (id) => doorbell.ring('outbox', id))
  const heartbeat = createHeartbeat({
    everyMs: leaseMs / 3,
    renew: (ids) => store.write((tx) => tx.outbox.renew(ids, holder, clock.now() + leaseMs), { brief: true }),
  })
  const claim = createClaim(needs)

  async function start(delivery: Delivery, claimedAt: number): Promise<void> {
    const id = delivery.conversation.id
    heartbeat.hold(id, () => undefined)
    const done = carryLane(delivery, claimedAt)
      .catch((err: unknown) => events.faulted({ area: 'outbox', err, conversationId: id }))
      .finally(() => {
        heartbeat.release(id)
        lanes.carried(id)
      })
    lanes.carry(id, done)
    return done
  }

  doorbell.listen('outbox', concurrency, async (id) => {
    if (!lanes.claim(id)) return
    let done: Promise<void> | undefined
    try {
      const claimedAt = performance.now()
      const delivery = await claim(id)
      if (delivery) done = start(delivery, claimedAt)
    } catch (err) {
      events.faulted({ area: 'outbox', err, conversationId: id })
    }
    lanes.leave(id)
    await done
  })

  return {
    room: lanes.claimFree,
    carry(deliveries, others, claimedAt) {
      for (const delivery of deliveries) void start(delivery, claimedAt)
      for (const id of others) doorbell.ring('outbox', id)
    },
    leave: (ids) => ids.forEach(lanes.leave),
    relieved: lanes.relieved,
    drain: recorder.drain,
    async stop() {
      await lanes.ended()
      heartbeat.stop()
      recovery.stop()
    },
  }
}

/**
 * Claims the next reply of many lanes in one transaction. A database that is away is asked again for as long as a lease:
 * what was claimed and not acknowledged is known again, and was not sent.
 */
function createClaim(needs: OutboxNeeds) {
  const { store, clock, grace, holder, leaseMs } = needs
  const ringLater = createLateBells({
    ...needs,
    kind: 'outbox',
    // What comes later than a lease is found by the sweep.
    later: (ids, now) => grace.read((own) => store.read.outbox.later(ids, now, now + leaseMs, leaseMs, own)),
  })
  /** Until when lanes would have been claimed by tries that rejected. */
  const unacknowledged = new Map<string, number[]>()
  const claim = createBatch<string, Delivery | undefined>({
    size: claimSize,
    gatherMs: store.gatherMs,
    flush: async (ids) => {
      const now = clock.now()
      const until = now + leaseMs
      const earlier = ids.flatMap((id) => (unacknowledged.get(id) ?? []).map((until) => ({ id, until })))
      const claimed = await grace
        .write((own) => store.write((tx) => tx.outbox.claim(ids, holder, now, until, { earlier, own })))
        .catch((error: unknown) => {
          for (const id of ids) unacknowledged.set(id, [...(unacknowledged.get(id) ?? []), until])
          throw error
        })
      const byId = new Map(claimed.map((delivery) => [delivery.conversation.id, delivery]))
      ringLater(
        ids.filter((id) => !byId.has(id)),
        now,
      )
      return ids.map((id) => byId.get(id))
    },
  })
  return async (id: string): Promise<Delivery | undefined> => {
    const began = performance.now()
    try {
      for (;;) {
        try {
          return await claim(id)
        } catch (error) {
          if (!isDatabaseAway(error) || performance.now() - began > leaseMs - retryMs) throw error
          await sleep(retryMs)
        }
      }
    } finally {
      unacknowledged.delete(id)
    }
  }
}

/**
 * Lanes being claimed or carried here, `most` carried at once, and who waits until they are fewer. Each has one who claims
 * or carries it: while a disk stands still for longer than a lease, a second claim under the same name would find the lane
 * free, and what is sent would be sent twice. `rangAgain` is told of a bell that rang meanwhile, once it is over.
 */
function createLanes(most: number, rangAgain: (id: string) => void) {
  const claiming = new Set<string>()
  const carrying = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const isTaken = (id: string): boolean => claiming.has(id) || carrying.has(id)
  const isBusy = (): boolean => carrying.size > most / 2
  let onRelief: () => void = () => undefined

  function over(id: string): void {
    if (!isTaken(id) && again.delete(id)) rangAgain(id)
  }

  return {
    claim(id: string): boolean {
      const isFree = !isTaken(id)
      if (isFree) claiming.add(id)
      else again.add(id)
      return isFree
    },
    claimFree(ids: string[]): string[] {
      const free = ids.filter((id) => !isTaken(id)).slice(0, Math.max(0, most - carrying.size))
      for (const id of free) claiming.add(id)
      return free
    },
    /** The claim is over. */
    leave(id: string): void {
      claiming.delete(id)
      over(id)
    },
    carry: (id: string, done: Promise<void>) => void carrying.set(id, done),
    carried(id: string): void {
      carrying.delete(id)
      if (!isBusy()) onRelief()
      over(id)
    },
    async relieved(mostMs: number): Promise<void> {
      if (!isBusy()) return
      const { promise, resolve } = Promise.withResolvers<void>()
      onRelief = resolve
      const tooLong = setTimeout(resolve, mostMs)
      await promise
      clearTimeout(tooLong)
    },
    ended: () => Promise.all(carrying.values()),
  }
}

/**
 * Sends a claimed reply and then whatever is due behind it. What came so late that its lease may have ended is not sent:
 * another process may be sending it.
 */
function createCarrier(
  needs: OutboxNeeds,
  recorder: Recorder,
  recovery: Recovery,
): (first: Delivery, claimedAt: number) => Promise<void> {
  const { doorbell, faults, clock, leaseMs } = needs
  const dispatch = createDispatcher({ ...needs, recovery })
  return async (first, firstClaimedAt) => {
    const id = first.conversation.id
    let delivery: Delivery | undefined = first
    let claimedAt = firstClaimedAt
    while (delivery) {
      faults.reach('outbox.claimed')
      const { seq, plain } = delivery
      const isLate = performance.now() - claimedAt >= leaseMs
      const outcome: DeliveryOutcome = isLate
        ? { kind: 'wait', at: clock.now(), plain }
        : await dispatch(delivery, claimedAt + leaseMs)
      claimedAt = performance.now()
      const lane = await recorder.record({ conversationId: id, seq, outcome })
      faults.reach('outbox.settled')
      delivery = lane.next
      if (!delivery && lane.dueAt !== undefined) {
        doorbell.ring('outbox', id, Math.max(0, lane.dueAt - clock.now()))
      }
    }
  }
}
