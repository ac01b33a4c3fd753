import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'

interface Spending {
  /** The calendar day of the tenant. */
  day: string
  spentUsd: number
  limitUsd: number
}

/** Money spent on models. */
export interface BudgetEvents {
  /** Once for each day and limit, in whichever process it happened. */
  budgetWarned(event: Spending): void
  /** The first call of the day that the money does not cover; once for each day and limit. */
  budgetExhausted(event: Spending): void
  /** Calls whose process died in the middle of them, now counted as spent. */
  reservationsOrphaned(event: { count: number; usd: number }): void
  /** A provider charged more than a call can cost: it ignores the output limit, or adds to the prompt. */
  costExceeded(event: { model: string; reservedUsd: number; costUsd: number }): void
}

export function createBudgetEvents({ log, metrics }: { log: Log; metrics: Metrics }): BudgetEvents {
  return {
    budgetWarned: (event) => log.warn(event, 'most of the budget for models is spent'),
    budgetExhausted: (event) =>
      log.error(
        event,
        'a call of a model does not fit into what is left of the budget, answering without models that cost',
      ),
    reservationsOrphaned: (event) => log.warn(event, 'model calls cut off by a crash count as spent'),
    costExceeded(event) {
      metrics.errors.inc({ area: 'budget' })
      log.error(event, 'a model cost more than was reserved for it')
    },
  }
}
