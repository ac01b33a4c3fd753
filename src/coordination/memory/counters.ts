import type { Counters } from '../coordination.ts'

interface Window {
  count: number
  /** On the clock of `performance.now`, which nobody turns back. */
  endsAt: number
}

/** Keys remembered at most: of more, the oldest windows are forgotten first, so that an attack fills no memory. */
const mostKeys = 100_000

/** The counters of a single process. */
export function createMemoryCounters(now: () => number = () => performance.now()): Counters {
  const windows = new Map<string, Window>()

  function windowOf(key: string, windowMs: number, at: number): Window {
    const known = windows.get(key)
    if (known && known.endsAt > at) return known
    // Deleted first, so that the order of the map is that of the beginnings.
    windows.delete(key)
    for (const [oldest, { endsAt }] of windows) {
      if (endsAt > at && windows.size < mostKeys) break
      windows.delete(oldest)
    }
    const begun = { count: 0, endsAt: at + windowMs }
    windows.set(key, begun)
    return begun
  }

  return {
    async hit(key, limit, windowMs) {
      const at = now()
      const window = windowOf(key, windowMs, at)
      window.count += 1
      const allowed = window.count <= limit
      return { allowed, retryAfterMs: allowed ? 0 : Math.ceil(window.endsAt - at) }
    },
  }
}
