/** Windows by key, of which only the latest are kept. */
export interface Generations<W> {
  /** Of the latest two generations. */
  get(key: string): W | undefined
  /** Keeps a window for so long at least after `at`, in milliseconds of one clock. */
  keep(key: string, window: W, at: number, ms: number): void
}

/**
 * Two generations: the older is dropped whole, once nothing in it counts any more or half of `mostKeys` are in the younger.
 * (To drop the first key of a map one by one is dear: it walks over all that were deleted before.)
 */
export function createGenerations<W>(mostKeys: number): Generations<W> {
  let young = new Map<string, W>()
  let old = new Map<string, W>()
  let ageAt = 0
  let longestMs = 0

  function age(at: number, ms: number): void {
    longestMs = Math.max(longestMs, ms)
    if (at < ageAt && young.size < mostKeys / 2) return
    old = young
    young = new Map()
    ageAt = at + longestMs
  }

  return {
    get: (key) => young.get(key) ?? old.get(key),
    keep(key, window, at, ms) {
      age(at, ms)
      young.set(key, window)
    },
  }
}
