/** What a bell rings for: pending messages to answer, or queued replies to send. */
export type Bell = 'turn' | 'outbox'

/**
 * "Conversation N has work". Carries no data; may ring twice or be lost, because the sweep finds
 * conversations with work and rings again.
 */
export interface Doorbell {
  /**
   * Rings now, or after `delayMs`; rings for the same conversation and bell in between are one ring. Never waits and
   * never throws.
   */
  ring(bell: Bell, conversationId: string, delayMs?: number): void
  /**
   * At most `concurrency` handlers run at once here; a handler's rejection is the listener's own matter. Of the
   * processes that listen, one is called.
   */
  listen(bell: Bell, concurrency: number, handler: (conversationId: string) => Promise<void>): void
  /** Serves nobody more and waits for running handlers. Where others may listen, what they ring still reaches those. */
  close(): Promise<void>
}

/** What happens in a conversation, for whoever shows it. Best effort: the rows are the truth. */
export type BusEvent =
  /** New committed rows up to `seq`; 0: look at the rows, something may have been missed. */
  | { type: 'changed'; conversationId: string; seq: number }
  /** The answer so far, of attempt `attempt` of turn `turnId`. A new attempt starts the bubble anew. */
  | { type: 'preview'; conversationId: string; turnId: string; attempt: number; text: string }
  /** The bot began or stopped working on an answer. */
  | { type: 'typing'; conversationId: string; active: boolean }
  /** A chat got its conversation; published under the chat's own name. */
  | { type: 'begun'; conversationId: string }

/**
 * Subscribers in every process are called, each once. Events may be lost between processes; whoever may have missed one
 * gets a `changed` with sequence 0 and the topic as conversation soon after.
 */
export interface Bus {
  /** `topic`: the conversation's id unless said otherwise. */
  publish(event: BusEvent, topic?: string): void
  /** Events of one topic; returns how to unsubscribe. */
  subscribe(topic: string, handler: (event: BusEvent) => void): () => void
}

export interface Hit {
  allowed: boolean
  /** How long until the key is allowed again, in milliseconds; 0 when it is. */
  retryAfterMs: number
}

/** Counts what comes too often. Best effort: a count may be forgotten, and is then too low. */
export interface Counters {
  /** Counts one; refuses more than `limit` in a window of `windowMs` that begins with the first. Never rejects. */
  hit(key: string, limit: number, windowMs: number): Promise<Hit>
}

/** At most `count` in any `ms` milliseconds; 0: as many as you like, while it is not closed. */
export interface Allowance {
  key: string
  count: number
  ms: number
}

/** Of which allowance there is none left, and for how long, in milliseconds. */
export interface Lack {
  key: string
  ms: number
  /** It was closed, not used up. */
  closed: boolean
}

/** What all processes together may do. Exact while they can be reached; without them each has its share. */
export interface Allowances {
  /** Takes one of each, where all have one left; otherwise takes nothing and tells what lacks longest. Never rejects. */
  take(allowances: readonly Allowance[]): Promise<Lack | undefined>
  /** Nobody takes of this key for so long. Never rejects. */
  close(key: string, ms: number): Promise<void>
}

export interface Coordination {
  doorbell: Doorbell
  bus: Bus
  counters: Counters
  allowances: Allowances
  /** Resolves when other processes can be reached; rejects otherwise. */
  check(): Promise<void>
  close(): Promise<void>
}
