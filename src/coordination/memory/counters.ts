import type { Counters } from '../coordination.ts'
import { createGenerations } from './generations.ts'

/** More keys than this at once are an attack from as many addresses: the older half is forgotten, not the memory filled. */
const mostKeys = 50_000

interface Window {
  hits: number
  /** In milliseconds of a clock that is never put back. */
  endsAt: number
}

/**
 * The counters of a single process. A window begins with the first hit of its key. `now`: milliseconds of a clock that is
 * never put back.
 */
export function createMemoryCounters(now: () => number = () => performance.now()): Counters {
  const windows = createGenerations<Window>(mostKeys)

  function open(key: string, windowMs: number, at: number): Window {
    const window = { hits: 0, endsAt: at + windowMs }
    windows.keep(key, window, at, windowMs)
    return window
  }

  return {
    async hit(key, limit, windowMs) {
      const at = now()
      const known = windows.get(key)
      const window = known && known.endsAt > at ? known : open(key, windowMs, at)
      window.hits += 1
      const allowed = window.hits <= limit
      return { allowed, retryAfterMs: allowed ? 0 : Math.ceil(window.endsAt - at) }
    },
  }
}
