import type { Clock } from '../model/time.ts'
import { type Llm, LlmError, type LlmFault, type LlmPart, type LlmRequest } from './llm.ts'

export type BreakerState = 'closed' | 'open' | 'half_open'

export interface BreakerOptions {
  /** Failed calls in a row that open it. */
  failures: number
  /** How long the model is then left alone, in milliseconds; afterwards one call tries it. */
  restMs: number
  clock: Clock
  /** Told when it opens, and when it closes again. */
  onChange?: (state: 'open' | 'closed') => void
}

export interface BrokenLlm extends Llm {
  state(): BreakerState
}

/** Faults that cost every person a wait. A wrong key or a bad request fails fast, and is somebody's to mend. */
const costly: ReadonlySet<LlmFault> = new Set<LlmFault>(['rate_limited', 'unavailable', 'timeout', 'cut'])

/** Leaves a model alone after it failed repeatedly, so that a dead provider does not cost each person its timeout. */
export function withBreaker(llm: Llm, { failures, restMs, clock, onChange }: BreakerOptions): BrokenLlm {
  let inRow = 0
  let openUntil = 0
  let probing = false

  const state = (): BreakerState => {
    if (inRow < failures) return 'closed'
    return clock.now() < openUntil ? 'open' : 'half_open'
  }
  const failed = (fault: LlmFault): void => {
    if (!costly.has(fault)) return
    inRow += 1
    if (inRow >= failures) openUntil = clock.now() + restMs
    if (inRow === failures) onChange?.('open')
  }
  const answered = (): void => {
    const wasOpen = inRow >= failures
    inRow = 0
    if (wasOpen) onChange?.('closed')
  }
  const refuse = (request: LlmRequest): LlmError => {
    const message = `${llm.name}: left alone after ${inRow} failures in a row`
    request.onAttempt?.({ model: llm.name, outcome: 'unavailable', ms: 0, error: message })
    return new LlmError('unavailable', llm.name, message, {
      retryAfterMs: Math.max(0, openUntil - clock.now()),
    })
  }

  async function* stream(request: LlmRequest): AsyncGenerator<LlmPart> {
    const before = state()
    if (before === 'open' || (before === 'half_open' && probing)) throw refuse(request)
    const isProbe = before === 'half_open'
    if (isProbe) probing = true
    try {
      for await (const part of llm.stream(request)) {
        if (part.type === 'finish') answered()
        yield part
      }
    } catch (error) {
      if (error instanceof LlmError) failed(error.fault)
      throw error
    } finally {
      if (isProbe) probing = false
    }
  }
  return { name: llm.name, state, stream }
}
