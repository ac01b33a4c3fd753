import type { Sign } from '../../jobs/alerts.ts'
import type { Clock } from '../../model/time.ts'
import type { Metrics } from '../../ops/metrics.ts'
import type { Store } from '../../store/store.ts'
import { createRecentCount, sumOf } from './recent-count.ts'

interface Parts {
  store: Pick<Store, 'check'>
  metrics: Metrics
  clock: Clock
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** While the database is away nothing can be told; for so long after it is. */
const tellMs = 2 * minuteMs
const worthTellingMs = minuteMs / 2

/** It was away, and is back. */
export function createDatabaseSign({ store, clock }: Pick<Parts, 'store' | 'clock'>): Sign {
  let since: number | undefined
  let last: { awayMs: number; until: number } | undefined
  return {
    kind: 'database',
    forMs: 0,
    async look() {
      try {
        await store.check()
      } catch (error) {
        since ??= clock.now()
        throw error
      }
      const now = clock.now()
      if (since !== undefined) last = { awayMs: now - since, until: now + tellMs }
      since = undefined
      if (!last || now > last.until || last.awayMs < worthTellingMs) return undefined
      return { kind: 'database', awayMs: last.awayMs }
    },
  }
}

/** Whether the database is away, or was when it was last asked: what failed meanwhile is told by that. */
export function createAwayCheck({ store }: Pick<Parts, 'store'>): () => Promise<boolean> {
  let wasAway = false
  return async () => {
    const before = wasAway
    wasAway = await store.check().then(
      () => false,
      () => true,
    )
    return wasAway || before
  }
}

const mostErrors = 10

export function createErrorSign(parts: Parts): Sign {
  const { metrics, clock } = parts
  const hour = createRecentCount(hourMs)
  const isAway = createAwayCheck(parts)
  return {
    kind: 'errors',
    forMs: 0,
    async look() {
      const away = await isAway()
      const { values } = await metrics.errors.get()
      const count = hour.add(sumOf(values), clock.now(), !away)
      return count > mostErrors ? { kind: 'errors', count } : undefined
    },
  }
}

/** One may be the hand-over of a deployment. */
const mostConflicts = 2
const conflictMs = 5 * minuteMs

export function createConflictSign({
  metrics,
  clock,
}: Pick<Parts, 'metrics' | 'clock'>): Sign & { isRecent(): boolean } {
  const recent = createRecentCount(conflictMs)
  let count = 0
  return {
    kind: 'conflict',
    forMs: 0,
    isRecent: () => count > mostConflicts,
    async look() {
      const { values } = await metrics.telegramConflicts.get()
      count = recent.add(sumOf(values), clock.now())
      return count > mostConflicts ? { kind: 'conflict' } : undefined
    },
  }
}
