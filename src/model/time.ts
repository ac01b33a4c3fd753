/** Where the time comes from. Handed to whoever needs it, so that a test can turn it. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number
}

/** Whole milliseconds since the process began: for how long something lasts, whatever is done to the clock meanwhile. */
export const steadyClock: Clock = { now: () => Math.floor(performance.now()) }

export const systemClock: Clock = { now: () => Date.now() }
