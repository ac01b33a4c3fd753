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
import {
  type BudgetLimit,
  type BudgetMark,
  isExhausted,
  type NewReservation,
  type ReserveVerdict,
  type Store,
  type Writer,
} from '../store/store.ts'

export interface PurseNeeds {
  store: Pick<Store, 'read' | 'write' | 'gatherMs'>
  budget: BudgetConfig
  /** Whose calendar days count. */
  zone: string
  /** Tells the team; where nobody is to be told, nothing is marked. */
  post?(tx: Writer, mark: BudgetMark, now: number): Promise<void>
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
  /** Micro-dollars of today, and the limit; `isExhausted`: a call did not fit into what is left. */
  today(): Promise<{ spentMicroUsd: number; limitMicroUsd: number; isExhausted: boolean }>
  /** Begins to look for reservations whose process died. */
  start(): void
  /** Waits for what is being settled and told. */
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
  const { store, zone, clock, steady = steadyClock, holder } = needs
  let limit = limitOf(needs.budget)
  const today = (): string => dayOf(clock.now(), zone)
  const telling = createTelling(needs)
  const settleWithin = createSettle(needs, () => limit, telling.tell)
  const settling = createSettling(needs, settleWithin)
  const sweep = createSweep(needs, () => limit, telling.tell)

  const ask = createBatch<NewReservation, ReserveVerdict>({
    size: batchSize,
    gatherMs: store.gatherMs,
    async flush(wanted) {
      const { verdicts, marks } = await store.write((tx) => tx.budget.reserve(wanted, today(), limit))
      telling.tell(marks)
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
      return {
        spentMicroUsd: found?.spentMicroUsd ?? 0,
        limitMicroUsd: limit.microUsd,
        isExhausted: found !== undefined && isExhausted(found, limit.microUsd),
      }
    },
    start: sweep.start,
    async stop() {
      sweep.stop()
      await settling.idle()
      await telling.idle()
    },
  }
}

const limitOf = ({ dailyMicroUsd, warnAtMicroUsd }: BudgetConfig): BudgetLimit => ({
  microUsd: dailyMicroUsd,
  warnAtMicroUsd,
})

type Tell = (marks: readonly BudgetMark[]) => void

function createSettle({ events }: PurseNeeds, limit: () => BudgetLimit, tell: Tell): Settle {
  return async (tx, charges) => {
    if (charges.length === 0) return () => undefined
    const marks = await tx.budget.settle(charges, limit())
    return () => {
      tell(marks)
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

function createSweep({ store, events, clock }: PurseNeeds, limit: () => BudgetLimit, tell: Tell) {
  let timer: NodeJS.Timeout | undefined
  async function sweep(): Promise<void> {
    if (!(await store.read.budget.hasExpired(clock.now()))) return
    const { count, microUsd, marks } = await store.write((tx) => tx.budget.expire(clock.now(), limit()))
    if (count > 0) events.reservationsOrphaned({ count, usd: microUsd / microPerUsd })
    tell(marks)
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

const alreadyTold = new Error('the team was told already')

/**
 * Tells the team, behind the transaction that gave cause to: a turn in the chat of the team locks that before the day, and
 * so does this. The mark is made with the note; until then every call of that day gives cause again.
 */
function createTelling({ store, post, events, clock }: PurseNeeds) {
  const pending = new Map<string, Promise<void>>()
  async function tell(mark: BudgetMark): Promise<void> {
    if (!post) return
    try {
      await store.write(async (tx) => {
        await post(tx, mark, clock.now())
        if (!(await tx.budget.mark(mark))) throw alreadyTold
      })
      report(events, mark)
    } catch (err) {
      if (err !== alreadyTold) events.faulted({ area: 'budget', err })
    }
  }
  return {
    tell(marks: readonly BudgetMark[]): void {
      for (const mark of marks) {
        const key = `${mark.kind} ${mark.day} ${mark.limitMicroUsd}`
        if (!pending.has(key))
          pending.set(
            key,
            tell(mark).finally(() => pending.delete(key)),
          )
      }
    },
    async idle(): Promise<void> {
      await Promise.all(pending.values())
    },
  }
}

function report(events: Events, { kind, day, spentMicroUsd, limitMicroUsd }: BudgetMark): void {
  const event = { day, spentUsd: spentMicroUsd / microPerUsd, limitUsd: limitMicroUsd / microPerUsd }
  if (kind === 'warned') events.budgetWarned(event)
  else events.budgetExhausted(event)
}

function reportExcess(events: Events, { model, reservedMicroUsd, costMicroUsd }: Charge): void {
  if (costMicroUsd <= reservedMicroUsd) return
  events.costExceeded({
    model,
    reservedUsd: reservedMicroUsd / microPerUsd,
    costUsd: costMicroUsd / microPerUsd,
  })
}
