/** Of a metric, a value under its labels. */
export interface Counted {
  value: number
  labels: Partial<Record<string, string | number>>
}

export const sumOf = (values: readonly Counted[]): number => values.reduce((sum, { value }) => sum + value, 0)

export interface RecentCount {
  /** Of a count that only grows; `counts`: whether what was added since the last time belongs to it. */
  add(total: number, now: number, counts?: boolean): number
}

/** What was added within the last `windowMs`. What was not looked at for longer begins anew. */
export function createRecentCount(windowMs: number): RecentCount {
  let last: { total: number; at: number } | undefined
  let added: { at: number; count: number }[] = []
  return {
    add(total, now, counts = true) {
      const count = last && now - last.at <= windowMs ? total - last.total : 0
      last = { total, at: now }
      if (counts && count > 0) added.push({ at: now, count })
      // What a clock counted before it was put back is of no known time.
      added = added.filter(({ at }) => at > now - windowMs && at <= now)
      return added.reduce((sum, each) => sum + each.count, 0)
    },
  }
}
