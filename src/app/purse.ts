import type { BudgetConfig } from '../config/config.ts'
import type { Purse } from '../llm/purse.ts'
import { systemSleep } from '../llm/pause.ts'
import { dayOf } from '../model/calendar.ts'
import { newId } from '../model/ids.ts'
import { type Charge, microPerUsd } from '../model/money.ts'
import { type Clock, steadyClock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import { createBatch } from '../pipeline/batch.ts'
import type { Settle } from '../pipeline/turn-commit.ts'
import type {
  BudgetLimit,
  BudgetMark,
  NewReservation,
  ReserveVerdict,
  Store,
  Writer,
} from '../store/store.ts'

export interface PurseNeeds {
  store: Pick<Store, 'read' | 'write' | 'gatherMs'>
  budget: BudgetConfig
  /** Whose calendar days count. */
  zone: string
  /** Tells the team, in the transaction that gave cause to. */
  post(tx: Writer, marks: readonly BudgetMark[], now: number): Promise<void>
  events: Events
  clock: Clock
  /** How long money is waited for; the steady clock when not set. */
  steady?: Clock
  /** Names this process in its reservations. */
  holder: string
}

/** The purse of this process, over the one budget in the database. */
export interface LivePurse extends Purse {
  /** Settles in a transaction of somebody else's. */
  settleWithin: Settle
  /** Takes another limit over. */
  change(budget: BudgetConfig): void
  /** Micro-dollars of today, and the limit. */
  today(): Promise<{ spentMicroUsd: number; limitMicroUsd: number }>
  /** Begins to look for reservations whose process died. */
  start(): void
  /** Waits for what is being settled. */
  stop(): Promise<void>
}

const batchSize = 200
/** Between two questions for money that others have reserved, in milliseconds. */
const askAgainMs = 100
/** A reservation outlives its call by this much, so that a slow commit still settles it; in milliseconds. */
const graceMs = 10_000
/** How often orphans are looked for, in milliseconds. */
const sweepMs = 5000

export function createPurse(needs: PurseNeeds): LivePurse {
  const { store, zone, events, clock, steady = steadyClock, holder } = needs
  let limit = limitOf(needs.budget)
  const today = (): string => dayOf(clock.now(), zone)
  const settleWithin = createSettle(needs, () => limit)
  const settling = createSettling(needs, settleWithin)
  const sweep = createSweep(needs, () => limit)

  const ask = createBatch<NewReservation, ReserveVerdict>({
    size: batchSize,
    gatherMs: store.gatherMs,
    async flush(wanted) {
      const { verdicts, marks } = await store.write(async (tx) => {
        const reserved = await tx.budget.reserve(wanted, today(), limit)
        await needs.post(tx, reserved.marks, clock.now())
        return reserved
      })
      report(events, marks)
      return verdicts
    },
  })

  return {
    async reserve({ model, microUsd, timeoutMs, signal }) {
      signal.throwIfAborted()
      const patientUntil = steady.now() + timeoutMs / 2
      // Without any money there is nothing to ask the database for.
      while (limit.microUsd > 0) {
        const now = clock.now()
        const id = newId()
        const expiresAt = now + timeoutMs + graceMs
        const verdict = await ask({ id, microUsd, model, holder, createdAt: now, expiresAt })
        if (verdict === 'granted') return id
        if (verdict === 'refused' || steady.now() >= patientUntil) return undefined
        await systemSleep(askAgainMs, signal)
      }
      return undefined
    },
    settle: settling.settle,
    settleWithin,
    change(budget) {
      limit = limitOf(budget)
    },
    async today() {
      const found = await store.read.budget.day(today())
      return { spentMicroUsd: found?.spentMicroUsd ?? 0, limitMicroUsd: limit.microUsd }
    },
    start: sweep.start,
    async stop() {
      sweep.stop()
      await settling.idle()
    },
  }
}

const limitOf = ({ dailyMicroUsd, warnAtMicroUsd }: BudgetConfig): BudgetLimit => ({
  microUsd: dailyMicroUsd,
  warnAtMicroUsd,
})

function createSettle({ post, events, clock }: PurseNeeds, limit: () => BudgetLimit): Settle {
  return async (tx, charges) => {
    if (charges.length === 0) return () => undefined
    const marks = await tx.budget.settle(charges, limit())
    await post(tx, marks, clock.now())
    return () => {
      report(events, marks)
      for (const charge of charges) reportExcess(events, charge)
    }
  }
}

/** Charges nobody carries in a transaction of their own; what fails stays reserved until it counts as spent. */
function createSettling({ store, events }: PurseNeeds, settleWithin: Settle) {
  const pending = new Set<Promise<void>>()
  const settle = createBatch<Charge, undefined>({
    size: batchSize,
    gatherMs: store.gatherMs,
    async flush(charges) {
      const tell = await store.write((tx) => settleWithin(tx, charges))
      tell()
      return charges.map(() => undefined)
    },
  })
  return {
    settle(charge: Charge): void {
      const done = settle(charge)
        .catch((err: unknown) => events.faulted({ area: 'budget', err }))
        .finally(() => pending.delete(done))
      pending.add(done)
    },
    async idle(): Promise<void> {
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}

function createSweep({ store, post, events, clock }: PurseNeeds, limit: () => BudgetLimit) {
  let timer: NodeJS.Timeout | undefined
  async function sweep(): Promise<void> {
    if (!(await store.read.budget.hasExpired(clock.now()))) return
    const { count, microUsd, marks } = await store.write(async (tx) => {
      const expired = await tx.budget.expire(clock.now(), limit())
      await post(tx, expired.marks, clock.now())
      return expired
    })
    if (count > 0) events.reservationsOrphaned({ count, usd: microUsd / microPerUsd })
    report(events, marks)
  }
  const run = (): void => void sweep().catch((err: unknown) => events.faulted({ area: 'budget', err }))
  return {
    start() {
      run()
      timer = setInterval(run, sweepMs).unref()
    },
    stop: () => clearInterval(timer),
  }
}

function report(events: Events, marks: readonly BudgetMark[]): void {
  for (const { kind, day, spentMicroUsd, limitMicroUsd } of marks) {
    const event = { day, spentUsd: spentMicroUsd / microPerUsd, limitUsd: limitMicroUsd / microPerUsd }
    if (kind === 'warned') events.budgetWarned(event)
    else events.budgetExhausted(event)
  }
}

function reportExcess(events: Events, { model, reservedMicroUsd, costMicroUsd }: Charge): void {
  if (costMicroUsd <= reservedMicroUsd) return
  events.costExceeded({
    model,
    reservedUsd: reservedMicroUsd / microPerUsd,
    costUsd: costMicroUsd / microPerUsd,
  })
}
