/** Where the time comes from. Handed to whoever needs it, so that a test can turn it. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
