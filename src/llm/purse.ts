import type { Charge } from '../model/money.ts'

/** Where the money for calls comes from: a limit for each day that holds for all processes together. */
export interface Purse {
  /**
   * Sets the money for one call aside before it is made, durably; resolves with the reservation's id, or with
   * `undefined` when the day's money does not suffice. Where it would, were not others' calls under way, it waits for
   * them, up to half of the call's time. Rejects with the signal's reason, or with a `ParleyError` when the database is
   * away.
   */
  reserve(wanted: {
    /** `provider/model`. */
    model: string
    microUsd: number
    /** How long the call may take, in milliseconds. */
    timeoutMs: number
    signal: AbortSignal
  }): Promise<string | undefined>
  /** Takes what the call cost, soon; what cannot be stored counts as the whole reservation in the end. */
  settle(charge: Charge): void
}
