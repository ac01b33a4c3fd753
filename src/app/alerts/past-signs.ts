import type { Sign } from '../../jobs/alerts.ts'
import type { Clock } from '../../model/time.ts'
import type { Metrics } from '../../ops/metrics.ts'
import type { Store } from '../../store/store.ts'
import { createHourCount } from './hour-count.ts'

interface Parts {
  store: Pick<Store, 'check'>
  metrics: Metrics
  clock: Clock
}

const minuteMs = 60_000
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

const mostErrors = 10

/** Not those of a database that is away: that is told by itself. */
export function createErrorSign({ store, metrics, clock }: Parts): Sign {
  const hour = createHourCount()
  let wasAway = false
  return {
    kind: 'errors',
    forMs: 0,
    async look() {
      const isAway = await store.check().then(
        () => false,
        () => true,
      )
      const { values } = await metrics.errors.get()
      const total = values.reduce((sum, { value }) => sum + value, 0)
      const count = hour.add(total, clock.now(), !isAway && !wasAway)
      wasAway = isAway
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
  let last = 0
  let seen: number[] = []
  return {
    kind: 'conflict',
    forMs: 0,
    isRecent: () => seen.length > mostConflicts,
    async look() {
      const { values } = await metrics.telegramConflicts.get()
      const total = values[0]?.value ?? 0
      const now = clock.now()
      seen = [...seen, ...Array.from({ length: total - last }, () => now)].filter(
        (at) => at > now - conflictMs,
      )
      last = total
      return seen.length > mostConflicts ? { kind: 'conflict' } : undefined
    },
  }
}
