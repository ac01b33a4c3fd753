/** What was written as a later time than this is of a clock that was put back since. */
export const latestPast = (now: number): number => now + 60_000

export const isAhead = (at: number, now: number): boolean => at > latestPast(now)

/**
 * While another `pipeline.lease` is rolled out, a process with the old one is still believed: it is a minute at most, and its
 * clock ahead by half of that at most.
 */
const shortestReach = 90_000

/**
 * The latest end a live lease can have at `now`. Clocks of processes differ by less than half a lease (decision 4), so what
 * ends after two was given before a clock was turned back.
 */
export const latestEnd = (now: number, leaseMs: number): number => now + Math.max(shortestReach, 2 * leaseMs)

/** The same as `isOver`, of an end that was read. */
export const isFree = (end: number, now: number, latest: number): boolean => end <= now || end > latest

/** Whether the lease that ends at `column` is over at `:now`, or ends after `:latest`, which no live one does. */
export const isOver = (column: string): string => `(${column} <= :now or ${column} > :latest)`

/** Whether a conversation's lease of this kind is over, and nobody else's than `:own`, where that is not empty. */
export const isFreeFor = (kind: 'lease' | 'lane'): string => `(${isOver(`conversations.${kind}_until`)}
  and (:own = '' or coalesce(conversations.${kind}_token, :own) = :own))`
