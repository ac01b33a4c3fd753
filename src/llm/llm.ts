import type { Charge } from '../model/money.ts'

export { estimateTokens } from './tokens.ts'

/** One thing said, in the order it was said. */
export interface LlmMessage {
  role: 'user' | 'assistant'
  text: string
}

export interface LlmRequest {
  system: string
  messages: LlmMessage[]
  maxOutputTokens: number
  /** The turn it is asked for, where it is for one; told to whoever watches the calls, never to the model. */
  turnId?: string
  /** Aborts the call; the stream then throws the signal's reason. */
  signal: AbortSignal
  /** Asked by whoever is about to send, and waited for before; the stream throws what it rejects with. Asked again it says the same. */
  permit?: () => Promise<void>
  /** The most the whole call may take, in milliseconds; a model's own limit holds when it is shorter. */
  timeoutMs?: number
  /** Tries left for it, all models together; each takes one. Without it a chain gives its own number. */
  tries?: { left: number }
  /** Told of each try when it is over, the good ones too; an aborted one is not told. */
  onAttempt?: (attempt: LlmAttempt) => void
  /**
   * Takes over the settling of what a finished answer cost, so that it can be part of a larger transaction; told before
   * the `finish`. Without it the call settles by itself. What is never settled counts as its worst case in the end.
   */
  onCharge?: (charge: Charge) => void
}

export interface LlmUsage {
  /** The whole prompt, what came from a cache included. */
  inputTokens: number
  outputTokens: number
  /** The part of `inputTokens` that the provider read from its cache. */
  cachedInputTokens: number
  /** The provider reported nothing: the numbers are `estimateTokens` of prompt and answer. */
  estimated?: true
  /** What it cost, where the model has a price. */
  costMicroUsd?: number
}

/** `stop`: said all; `length`: cut by the output limit; `refused`: the provider's filter; `other`. */
export type FinishReason = 'stop' | 'length' | 'refused' | 'other'

/**
 * Text as it comes, then exactly one `finish` as the last part. `restart`: the try that brought the text so far
 * failed and another begins; forget that text.
 */
export type LlmPart =
  | { type: 'text'; text: string }
  | { type: 'restart' }
  | { type: 'finish'; reason: FinishReason; usage: LlmUsage; model: string }

/**
 * Why a call failed: `auth` wrong key, or an account that may not (no money left) · `rate_limited` 429 ·
 * `unavailable` 5xx, no connection, or a model left alone after failing repeatedly · `timeout` · `cut` the stream
 * ended without a finish · `empty` a finish without text · `invalid` the provider refused the request (other 4xx)
 * or answered nonsense · `budget` the model was not asked, for the money of the day does not cover the call.
 */
export type LlmFault =
  | 'auth'
  | 'rate_limited'
  | 'unavailable'
  | 'timeout'
  | 'cut'
  | 'empty'
  | 'invalid'
  | 'budget'

/** What a failed call used: `nothing` for certain, what the provider told, or `undefined` when nobody knows. */
export type LlmUsed = LlmUsage | 'nothing' | undefined

export class LlmError extends Error {
  readonly fault: LlmFault
  /** `provider/model`. */
  readonly model: string
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined
  readonly used: LlmUsed
  constructor(
    fault: LlmFault,
    model: string,
    message: string,
    options: { retryAfterMs?: number | undefined; used?: LlmUsed; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'LlmError'
    this.fault = fault
    this.model = model
    this.retryAfterMs = options.retryAfterMs
    this.used = options.used
  }
}

/** One try of a model call, for the trace. */
export interface LlmAttempt {
  model: string
  /** `ok`, or the fault. */
  outcome: 'ok' | LlmFault
  ms: number
  /** The same model was asked the same before. */
  repeated?: true
  /** What it used, when it ended well. */
  usage?: LlmUsage
  /** For operators; holds no key and no words of the prompt. */
  error?: string
}

/** A model that streams. Every provider, the fallback chain and the scripted one of the tests are this. */
export interface Llm {
  /** `provider/model`, as in the trace and the metrics. */
  readonly name: string
  /**
   * Throws `LlmError`, the reason of the request's signal or of its permit, or a `ParleyError` when the database that
   * keeps the budget is away; nothing else.
   */
  stream(request: LlmRequest): AsyncIterable<LlmPart>
}
