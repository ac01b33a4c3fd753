import type { Charge } from '../model/money.ts'
import {
  anyExpired,
  beginDay,
  latestDays,
  lockDay,
  markExhausted,
  markWarned,
  newReservations,
  oneDay,
  raiseReserved,
  settleDays,
  type SettledDay,
  takeExpired,
  type TakenReservation,
  takeReservations,
} from './budget-statements.ts'
import type { Session } from './dialect/dialect.ts'
import type { BudgetDayRow } from './schema.ts'
import type {
  BudgetDay,
  BudgetLimit,
  BudgetMark,
  BudgetReader,
  BudgetWriter,
  NewReservation,
  ReserveVerdict,
} from './store.ts'
import { idRows } from './turns.ts'

export function createBudgetReader(session: Session): BudgetReader {
  return {
    async day(day) {
      const [row] = await session.all(oneDay, { day })
      return row && toDay(row)
    },
    async latest(limit) {
      return (await session.all(latestDays, { limit })).map(toDay)
    },
    async hasExpired(now) {
      return (await session.all(anyExpired, { now })).length > 0
    },
  }
}

export function createBudgetWriter(session: Session): BudgetWriter {
  return {
    ...createBudgetReader(session),
    reserve: (wanted, day, limit) => reserve(session, wanted, day, limit),
    async settle(charges, limit) {
      const taken = await session.each(takeReservations, { wanted: idRows(charges.map(({ id }) => id)) })
      const byId = new Map(charges.map((charge) => [charge.id, charge]))
      return spend(session, taken, limit, ({ id }) => byId.get(id))
    },
    async expire(now, limit) {
      const taken = await session.all(takeExpired, { now })
      const microUsd = taken.reduce((sum, { amount }) => sum + amount, 0)
      return { count: taken.length, microUsd, marks: await spend(session, taken, limit, () => undefined) }
    },
    async mark({ kind, day, limitMicroUsd: limit }) {
      const marked = await session.all(kind === 'warned' ? markWarned : markExhausted, { day, limit })
      return marked.length > 0
    },
  }
}

/** Locks the day first: who else wants its money waits, here or in another process, and sees what is left. */
async function reserve(
  session: Session,
  wanted: NewReservation[],
  day: string,
  { microUsd: limit }: BudgetLimit,
): ReturnType<BudgetWriter['reserve']> {
  const { spent, reserved, exhausted_limit: told } = await openDay(session, day)
  let room = limit - spent - reserved
  const verdicts = wanted.map(({ microUsd }): ReserveVerdict => {
    if (microUsd > limit - spent) return 'refused'
    if (microUsd > room) return 'wait'
    room -= microUsd
    return 'granted'
  })
  const granted = wanted.filter((_, index) => verdicts[index] === 'granted')
  if (granted.length > 0) await promise(session, granted, day, limit)
  const isNews = verdicts.includes('refused') && told < limit
  if (!isNews) return { verdicts, marks: [] }
  return { verdicts, marks: [{ kind: 'exhausted', day, spentMicroUsd: spent, limitMicroUsd: limit }] }
}

async function openDay(session: Session, day: string): Promise<BudgetDayRow> {
  const [known] = await session.all(lockDay, { day })
  if (known) return known
  await session.all(beginDay, { day })
  const [begun] = await session.all(lockDay, { day })
  if (!begun) throw new Error('the day of a budget vanished inside its own transaction')
  return begun
}

async function promise(
  session: Session,
  granted: NewReservation[],
  day: string,
  limit: number,
): Promise<void> {
  const amount = granted.reduce((sum, { microUsd }) => sum + microUsd, 0)
  const raised = await session.all(raiseReserved, { day, amount, limit })
  if (raised.length === 0) throw new Error('more money was granted than there is')
  const reservations = granted.map(({ id, microUsd, model, holder, createdAt, expiresAt }) => ({
    id,
    day,
    amount: microUsd,
    model,
    holder,
    created_at: createdAt,
    expires_at: expiresAt,
  }))
  await session.insert(newReservations, reservations)
}

/** Moves reservations that were taken out to what is spent, each on its own day; without a charge all of it. */
async function spend(
  session: Session,
  taken: TakenReservation[],
  limit: BudgetLimit,
  chargeOf: (reservation: TakenReservation) => Charge | undefined,
): Promise<BudgetMark[]> {
  if (taken.length === 0) return []
  const days = new Map<string, Totals>()
  for (const reservation of taken) {
    const totals = days.get(reservation.day) ?? { ...noTotals, day: reservation.day }
    add(totals, reservation, chargeOf(reservation))
    days.set(reservation.day, totals)
  }
  const rows = await session.each(settleDays, { days: [...days.values()] })
  return rows.flatMap((row) => warningOf(row, limit))
}

type Totals = {
  day: string
  cost: number
  amount: number
  calls: number
  input_tokens: number
  output_tokens: number
}

const noTotals = { cost: 0, amount: 0, calls: 0, input_tokens: 0, output_tokens: 0 }

function add(totals: Totals, { amount }: TakenReservation, charge: Charge | undefined): void {
  const cost = charge ? charge.costMicroUsd : amount
  totals.amount += amount
  totals.cost += cost
  totals.calls += cost > 0 ? 1 : 0
  totals.input_tokens += charge?.inputTokens ?? 0
  totals.output_tokens += charge?.outputTokens ?? 0
}

function warningOf({ day, spent, warned_limit: warned }: SettledDay, limit: BudgetLimit): BudgetMark[] {
  const { microUsd, warnAtMicroUsd } = limit
  if (microUsd === 0 || spent < warnAtMicroUsd || warned >= microUsd) return []
  return [{ kind: 'warned', day, spentMicroUsd: spent, limitMicroUsd: microUsd }]
}

const toDay = (row: BudgetDayRow): BudgetDay => ({
  day: row.day,
  spentMicroUsd: row.spent,
  reservedMicroUsd: row.reserved,
  calls: row.calls,
  inputTokens: row.input_tokens,
  outputTokens: row.output_tokens,
  exhaustedMicroUsd: row.exhausted_limit,
})
