import { setTimeout as sleepFor } from 'node:timers/promises'

/** Waits that double from `first` to `longest` milliseconds, spread by a fifth. */
export interface Backoff {
  next(): number
  reset(): void
}

export function createBackoff(first: number, longest: number): Backoff {
  let failures = 0
  return {
    next() {
      const base = Math.min(first * 2 ** failures, longest)
      failures = Math.min(failures + 1, 30)
      return Math.round(base * (0.9 + Math.random() * 0.2))
    },
    reset() {
      failures = 0
    },
  }
}

/** Sleeps, or less when `signal` aborts; never throws. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, { signal }).catch(() => undefined)
}
