import type { Counters } from '../coordination.ts'

/** More keys than this at once are an attack from as many addresses: the older half is forgotten, not the memory filled. */
const mostKeys = 50_000

interface Window {
  hits: number
  /** In milliseconds of a clock that is never put back. */
  endsAt: number
}

/**
 * The counters of a single process. A window begins with the first hit of its key. Windows are kept in two generations:
 * the older is dropped whole, once all in it have ended or there are too many.
 */
export function createMemoryCounters(now: () => number = () => performance.now()): Counters {
  let young = new Map<string, Window>()
  let old = new Map<string, Window>()
  let ageAt = 0
  let longestMs = 0

  function age(at: number, windowMs: number): void {
    longestMs = Math.max(longestMs, windowMs)
    if (at < ageAt && young.size < mostKeys / 2) return
    old = young
    young = new Map()
    ageAt = at + longestMs
  }

  function open(key: string, windowMs: number, at: number): Window {
    age(at, windowMs)
    const window = { hits: 0, endsAt: at + windowMs }
    young.set(key, window)
    return window
  }

  return {
    async hit(key, limit, windowMs) {
      const at = now()
      const known = young.get(key) ?? old.get(key)
      const window = known && known.endsAt > at ? known : open(key, windowMs, at)
      window.hits += 1
      const allowed = window.hits <= limit
      return { allowed, retryAfterMs: allowed ? 0 : Math.ceil(window.endsAt - at) }
    },
  }
}
