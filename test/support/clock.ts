import type { Clock } from '../../src/model/time.ts'

/** A clock that shows another time than it is, goes on from there, and can be put forward or back. */
export interface TurnedClock extends Clock {
  passes(ms: number): void
}

export function createTurnedClock(from: string): TurnedClock {
  let ahead = Date.parse(from) - Date.now()
  return {
    now: () => Date.now() + ahead,
    passes: (ms) => void (ahead += ms),
  }
}
