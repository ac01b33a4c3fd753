import type { Charge } from '../model/money.ts'

/** What was spent on models on one calendar day. Spent and reserved together never pass the limit. */
export interface BudgetDay {
  /** `2026-11-20` */
  day: string
  spentMicroUsd: number
  /** For calls under way, and those of processes that died in the middle of them. */
  reservedMicroUsd: number
  /** Calls that cost something. */
  calls: number
  inputTokens: number
  outputTokens: number
  /** The highest limit under which a call was refused and the team told of it, in micro-dollars; 0 where none was. */
  exhaustedMicroUsd: number
}

/** Whether a call did not fit into this day under a limit in micro-dollars. */
export const isExhausted = ({ exhaustedMicroUsd }: BudgetDay, limitMicroUsd: number): boolean =>
  exhaustedMicroUsd > 0 && exhaustedMicroUsd >= limitMicroUsd

export interface BudgetLimit {
  microUsd: number
  /** Spending this much is worth a warning. */
  warnAtMicroUsd: number
}

/** Money for one call of a model. */
export interface NewReservation {
  id: string
  microUsd: number
  model: string
  /** The process that makes the call. */
  holder: string
  createdAt: number
  /** The call is surely over by then: what is left unsettled counts as spent. */
  expiresAt: number
}

/** `wait`: the day's money would do, were it not reserved by others. */
export type ReserveVerdict = 'granted' | 'wait' | 'refused'

/**
 * Something to tell the team, once for each day and limit: so much is spent, or no call fits any more. Whatever gives cause to
 * is told of it until the day is marked.
 */
export interface BudgetMark {
  kind: 'warned' | 'exhausted'
  day: string
  spentMicroUsd: number
  limitMicroUsd: number
}

export interface BudgetReader {
  /** `undefined` when nothing was asked for on that day. */
  day(day: string): Promise<BudgetDay | undefined>
  /** The last days on which there was something to spend, the latest first. */
  latest(limit: number): Promise<BudgetDay[]>
  hasExpired(now: number): Promise<boolean>
}

export interface BudgetWriter extends BudgetReader {
  /**
   * Reserves in the order given whatever fits into the day; what does not fit stands in nobody's way. `refused`
   * is cause to mark the day as exhausted.
   */
  reserve(
    wanted: NewReservation[],
    day: string,
    limit: BudgetLimit,
  ): Promise<{ verdicts: ReserveVerdict[]; marks: BudgetMark[] }>
  /**
   * Turns reservations into what was spent, on the day they were made for. One that is settled or expired already
   * changes nothing. Locks days behind everything else a transaction may lock: call it last.
   */
  settle(charges: readonly Charge[], limit: BudgetLimit): Promise<BudgetMark[]>
  /** Counts reservations whose time is over as spent: nobody lives who knows what those calls cost. */
  expire(now: number, limit: BudgetLimit): Promise<{ count: number; microUsd: number; marks: BudgetMark[] }>
  /** Marks the day; whether it was not. Locks it, like `settle`: what the team is told comes before. */
  mark(mark: BudgetMark): Promise<boolean>
}
