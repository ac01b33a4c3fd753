import type { Place } from '../model/conversation.ts'

/** A reply in its conversation. */
export interface LetterKey {
  conversationId: string
  seq: number
}

/** A reply that is not sent any more: given up, or held because it may have arrived. */
export interface DeadLetter {
  conversation: Place
  seq: number
  text: string
  state: 'failed' | 'uncertain'
  /** How often it was sent. */
  tries: number
  /** What the platform said last; empty for one that may have arrived. */
  reason: string
  /** When it was given up, in milliseconds since the epoch. */
  at: number
}

export interface DeadLetterReader {
  /** Those given up until then, the latest first. */
  list(limit: number, until: number): Promise<DeadLetter[]>
  /** Those of this sequence in conversations whose id ends so; two at most. */
  find(ending: string, seq: number): Promise<LetterKey[]>
}

/** What is not dead is left alone; the numbers tell how many were. */
export interface DeadLetterWriter extends DeadLetterReader {
  /** Queues them anew, at their places: before all younger ones of their conversations that are not sent yet. */
  revive(letters: readonly LetterKey[]): Promise<number>
  /** Nobody wants them sent; they count as dead letters no more. */
  drop(letters: readonly LetterKey[]): Promise<number>
}
