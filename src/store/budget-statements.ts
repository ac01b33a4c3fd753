import { type Insertion, isPast, type Rows, statement } from './dialect/dialect.ts'
import type { BudgetDayRow } from './schema.ts'

export const oneDay = statement<{ day: string }, BudgetDayRow>(
  () => 'select * from budget_days where day = :day',
)

export const latestDays = statement<{ limit: number }, BudgetDayRow>(
  () => 'select * from budget_days order by day desc limit :limit',
)

export const anyExpired = statement<{ now: number }, object>(
  () => `select 1 from reservations where ${isPast('expires_at')} limit 1`,
)

export const lockDay = statement<{ day: string }, BudgetDayRow>(
  ({ lock }) => `select * from budget_days where day = :day ${lock('day')}`,
)

export const beginDay = statement<{ day: string }, never>(
  () => `
    insert into budget_days (day, spent, reserved, calls, input_tokens, output_tokens, warned_limit, exhausted_limit)
    values (:day, 0, 0, 0, 0, 0, 0, 0)
    on conflict (day) do nothing`,
)

/** The one place where money is promised: never more than the limit, whatever was computed before. */
export const raiseReserved = statement<{ day: string; amount: number; limit: number }, { day: string }>(
  () => `
    update budget_days set reserved = reserved + :amount
    where day = :day and spent + reserved + :amount <= :limit
    returning day`,
)

export const newReservations = {
  table: 'reservations',
  columns: {
    id: 'text',
    day: 'text',
    amount: 'bigint',
    model: 'text',
    holder: 'text',
    created_at: 'bigint',
    expires_at: 'bigint',
  },
} satisfies Insertion<string>

export interface TakenReservation {
  id: string
  day: string
  amount: number
}

export const takeReservations = statement<{ wanted: Rows }, TakenReservation>(
  ({ from }) => `
    delete from reservations where id in (select wanted.id ${from('wanted', { id: 'text' })})
    returning id, day, amount`,
)

/** Leaves out those that are being settled at this moment. */
export const takeExpired = statement<{ now: number }, TakenReservation>(
  ({ lock }) => `
    delete from reservations where id in (
      select id from reservations where ${isPast('expires_at')} ${lock('id', 'skip locked')})
    returning id, day, amount`,
)

export type SettledDay = Pick<BudgetDayRow, 'day' | 'spent' | 'warned_limit'>

export const settleDays = statement<{ days: Rows }, SettledDay>(
  ({ from }) => `
    update budget_days set spent = budget_days.spent + days.cost, reserved = budget_days.reserved - days.amount,
      calls = budget_days.calls + days.calls, input_tokens = budget_days.input_tokens + days.input_tokens,
      output_tokens = budget_days.output_tokens + days.output_tokens
    ${from('days', {
      day: 'text',
      cost: 'bigint',
      amount: 'bigint',
      calls: 'bigint',
      input_tokens: 'bigint',
      output_tokens: 'bigint',
    })}
    where budget_days.day = days.day
    returning budget_days.day, budget_days.spent, budget_days.warned_limit`,
)

type Mark = { day: string; limit: number }

export const markWarned = statement<Mark, { day: string }>(
  () =>
    'update budget_days set warned_limit = :limit where day = :day and warned_limit < :limit returning day',
)

export const markExhausted = statement<Mark, { day: string }>(
  () =>
    'update budget_days set exhausted_limit = :limit where day = :day and exhausted_limit < :limit returning day',
)
