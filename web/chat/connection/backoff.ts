const first = 500
const longest = 15_000

/**
 * How long to wait before try `attempt` (0, 1, 2 …), in milliseconds. Doubles up to the longest; half of it is
 * chance, so that many pages cut off at once do not come back at once.
 */
export function backoff(attempt: number, random: () => number): number {
  const full = Math.min(longest, first * 2 ** Math.min(attempt, 10))
  return Math.round(full / 2 + (full / 2) * random())
}
