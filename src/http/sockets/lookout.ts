/** How long an answer is waited for before somebody looks, and at most between two looks, in milliseconds. */
const firstMs = 2000
const longestMs = 30_000

/**
 * Looks again and again, ever less often, while an answer is owed; only then it has a timer. The answer may be made by a
 * process whose bus does not reach this one: then nobody here hears of it.
 */
export interface Lookout {
  /** The last word is a new one: of a person who waits for an answer, or the answer. */
  lastWord(isOwed: boolean): void
  /** For good. */
  close(): void
}

export function createLookout(look: () => void): Lookout {
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function lookIn(ms: number): void {
    timer = setTimeout(() => {
      lookIn(Math.min(ms * 2, longestMs))
      look()
    }, ms)
  }

  return {
    lastWord(isOwed) {
      clearTimeout(timer)
      if (isOwed && !closed) lookIn(firstMs)
    },
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
