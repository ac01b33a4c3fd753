import type { Clock } from '../model/time.ts'

/** Lets `burst` frames through at once and then `perSecond` a second. */
export function createFrameLimit(options: { burst: number; perSecond: number; clock: Clock }): () => boolean {
  let left = options.burst
  let at = options.clock.now()
  return () => {
    const now = options.clock.now()
    left = Math.min(options.burst, left + (Math.max(0, now - at) / 1000) * options.perSecond)
    at = now
    if (left < 1) return false
    left -= 1
    return true
  }
}
