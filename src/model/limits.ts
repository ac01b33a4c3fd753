/** What one person may send, and what follows when they go on all the same. */
export interface MessageLimits {
  /** Answered messages in an hour and in a day of the tenant's calendar. */
  perHour: number
  perDay: number
  /** Messages after a warning, until a ban. */
  banAfter: number
  /** The first ban, in milliseconds; each further one within a week is twice as long, the fourth is for good. */
  banMs: number
  /** Whether repeated messages and bursts of links are told from talk. */
  spam: boolean
}

/** How often a language model may be asked for one person. */
export interface CallLimits {
  perSession: number
  perDay: number
  /** A session ends after this long without a call, in milliseconds. */
  sessionMs: number
}

/** Why a message is not answered. */
export type OverReason = 'hour' | 'day' | 'repeat' | 'links' | 'ban' | 'blocked'

/** A message beyond what a person may send: kept in the history, not answered. */
export interface OverLimit {
  reason: OverReason
  /** Set on the one message of each step that is answered with a word about it. */
  notice?: {
    /** Messages allowed, or seen. */
    limit?: number
    /** When they are answered again (milliseconds since the epoch); not set: not by themselves. */
    until?: number
  }
}

/** A model call that was not allowed. */
export interface CallRefusal {
  reason: 'session' | 'day'
  limit: number
  /** When the model may be asked again, in milliseconds since the epoch. */
  until: number
}
