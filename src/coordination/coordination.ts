/** What a bell rings for: pending messages to answer, or queued replies to send. */
export type Bell = 'turn' | 'outbox'

/**
 * "Conversation N has work". Carries no data; may ring twice or be lost, because the sweep finds
 * conversations with work and rings again.
 */
export interface Doorbell {
  /** Rings now, or after `delayMs`; rings for the same conversation and bell in between are one ring. */
  ring(bell: Bell, conversationId: string, delayMs?: number): void
  /** At most `concurrency` handlers run at once; a handler's rejection is the listener's own matter. */
  listen(bell: Bell, concurrency: number, handler: (conversationId: string) => Promise<void>): void
  /** Stops ringing and waits for running handlers. */
  close(): Promise<void>
}

/** What happens in a conversation, for whoever shows it. Best effort: the rows are the truth. */
export type BusEvent =
  /** New committed rows up to `seq`. */
  | { type: 'changed'; conversationId: string; seq: number }
  /** The answer so far, of attempt `attempt` of turn `turnId`. A new attempt starts the bubble anew. */
  | { type: 'preview'; conversationId: string; turnId: string; attempt: number; text: string }
  /** The bot began or stopped working on an answer. */
  | { type: 'typing'; conversationId: string; active: boolean }
  /** A chat got its conversation; published under the chat's own name. */
  | { type: 'begun'; conversationId: string }

export interface Bus {
  /** `topic`: the conversation's id unless said otherwise. */
  publish(event: BusEvent, topic?: string): void
  /** Events of one topic; returns how to unsubscribe. */
  subscribe(topic: string, handler: (event: BusEvent) => void): () => void
}

/** Counts what one key does, such as requests of an address. Best effort: nothing that must be exact. Never rejects. */
export interface Counters {
  /** Counts a hit; `allowed` for the first `limit` of a window of `windowMs`, else when to come back, in milliseconds. */
  hit(key: string, limit: number, windowMs: number): Promise<{ allowed: boolean; retryAfterMs: number }>
}

export interface Coordination {
  doorbell: Doorbell
  bus: Bus
  counters: Counters
  close(): Promise<void>
}
