import type { Clock } from '../model/time.ts'

/** How long an answer is passed on, counted from the question, in milliseconds. */
const freshMs = 1000

/**
 * One `check` for everybody who asks within the same second, whether it went well or not: a flood of questions costs one
 * answer a second. One that is under way is waited for, however long it takes.
 */
export function createSharedCheck<T>(check: () => Promise<T>, clock: Clock): () => Promise<T> {
  let latest: { at: number; answer: Promise<T>; settled: boolean } | undefined

  function ask(at: number): Promise<T> {
    const asked = { at, answer: check(), settled: false }
    const settle = (): void => void (asked.settled = true)
    asked.answer.then(settle, settle)
    latest = asked
    return asked.answer
  }

  return () => {
    const now = clock.now()
    // A clock set back makes nothing fresh.
    const isFresh = latest && Math.abs(now - latest.at) < freshMs
    return latest && (isFresh || !latest.settled) ? latest.answer : ask(now)
  }
}
