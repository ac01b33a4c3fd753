const hourMs = 3_600_000

/** Of a count that only grows, what was added within the last hour. */
export function createHourCount(): {
  /** `counts`: whether what was added since the last time belongs to it. */
  add(total: number, now: number, counts: boolean): number
} {
  let last: number | undefined
  let added: { at: number; count: number }[] = []
  return {
    add(total, now, counts) {
      const count = total - (last ?? total)
      last = total
      if (counts && count > 0) added.push({ at: now, count })
      added = added.filter(({ at }) => at > now - hourMs)
      return added.reduce((sum, each) => sum + each.count, 0)
    },
  }
}
