import type { Clock } from '../model/time.ts'

/** What tries a provider may be asked again for. */
export interface RetryBudget {
  /** A question was asked for the first time. */
  asked(): void
  /** Whether one more try is allowed; it then counts. */
  take(): boolean
}

/** Allowed at once, so that the few questions of a quiet hour are tried again whatever the share. */
const reserve = 10
/** One of the reserve comes back after so long, in milliseconds. */
const refillMs = 10_000

/**
 * A token bucket: each question brings `share` of a try, time a little. A provider that fails for everybody is then not
 * asked several times by everybody, which would keep it down.
 */
export function createRetryBudget({ share, clock }: { share: number; clock: Clock }): RetryBudget {
  let left = reserve
  let at = clock.now()
  const add = (tries: number): void => {
    left = Math.min(reserve, left + tries)
  }
  return {
    asked: () => add(share),
    take() {
      const now = clock.now()
      add(Math.max(0, now - at) / refillMs)
      at = now
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}
