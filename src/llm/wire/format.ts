import type { FinishReason, LlmUsage } from '../llm.ts'
import type { Dialogue } from './dialogue.ts'

/** What one answer has brought so far; a format's `read` adds to it. */
export interface AnswerState {
  /** Text that came with the events read last; whoever reads it empties it. */
  text: string
  reason: FinishReason | undefined
  usage: LlmUsage | undefined
  /** Nothing more will come. */
  done: boolean
}

export const newAnswer = (): AnswerState => ({ text: '', reason: undefined, usage: undefined, done: false })

/** What a request's body is made of. */
export interface WireRequest {
  model: string
  system: string
  dialogue: Dialogue
  maxOutputTokens: number
  /** Fields of the provider or the model, laid over the body. */
  extra: Record<string, unknown>
}

/** A way of speaking over HTTP that one or more providers share. */
export interface WireFormat {
  /** What follows the version in the address. */
  path(model: string): string
  body(request: WireRequest): Record<string, unknown>
  /** Reads one event. Throws `Refusal` when it is the provider's error, `Nonsense` when it has no known shape. */
  read(data: string, answer: AnswerState): void
}
