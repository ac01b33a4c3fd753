const first = 500
const longest = 15_000
/** A connection that lasted this long was a good one, in milliseconds. */
const settledMs = 5000

/**
 * How long to wait before try `attempt` (0, 1, 2 …), in milliseconds. Doubles up to the longest; half of it is
 * chance, so that many pages cut off at once do not come back at once.
 */
export function backoff(attempt: number, random: () => number): number {
  const full = Math.min(longest, first * 2 ** Math.min(attempt, 10))
  return Math.round(full / 2 + (full / 2) * random())
}

/** Counts failed connections. One that greets and closes at once, again and again, is not asked ever faster. */
export function createPatience(random: () => number, now: () => number = Date.now) {
  let tries = 0
  let since: number | undefined
  return {
    /** The server has greeted: frames may be sent. */
    ready: (): boolean => since !== undefined,
    greeted(): void {
      since = now()
    },
    /** The connection is gone: how long to wait for the next, in milliseconds. */
    lost(): number {
      if (since !== undefined && now() - since > settledMs) tries = 0
      since = undefined
      tries += 1
      return backoff(tries - 1, random)
    },
  }
}
