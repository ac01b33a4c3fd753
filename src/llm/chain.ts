import { type Clock, systemClock } from '../model/time.ts'
import { withBreaker } from './breaker.ts'
import { withFallback } from './fallback.ts'
import { type CallLimits, limitsFor } from './limits.ts'
import type { Llm } from './llm.ts'
import { createModel, type ModelSettings } from './model.ts'
import { type Sleep, systemSleep } from './pause.ts'
import { withRetries } from './retries.ts'
import { createTransport } from './transport.ts'

export interface ChainOptions {
  /** Tries of one model before the next is asked. */
  tries: number
  backoffMs: readonly [first: number, longest: number]
  /** For one answer, in milliseconds: all models, tries and waits together. */
  timeoutMs: number
  /** Failed calls in a row after which a model is left alone, and for how long. */
  breaker?: { failures: number; restMs: number }
  limits?: Partial<CallLimits>
  clock?: Clock
  sleep?: Sleep
  random?: () => number
}

/** All configured models as one. */
export interface Chain extends Llm {
  /** Closes the connections; answers under way fail. */
  close(): Promise<void>
}

/** The models in fallback order with retries and breakers; `undefined` when there are none. */
export function createChain(models: readonly ModelSettings[], options: ChainOptions): Chain | undefined {
  const transport = createTransport()
  const { timeoutMs, clock = systemClock } = options
  const limits = limitsFor(timeoutMs, options.limits)
  const links = models.map((settings, index) => {
    const model = createModel(settings, { transport, clock, limits })
    const impatient = index < models.length - 1
    const retried = withRetries(model, { ...patience(options), clock, impatient })
    return withBreaker(retried, { ...(options.breaker ?? { failures: 3, restMs: 30_000 }), clock })
  })
  const [first, ...others] = links
  if (!first) return undefined
  const llm = withFallback([first, ...others], { timeoutMs, clock })
  return {
    name: llm.name,
    stream: llm.stream,
    close: transport.close,
  }
}

const patience = ({
  tries,
  backoffMs,
  timeoutMs,
  sleep = systemSleep,
  random = Math.random,
}: ChainOptions) => ({
  tries,
  backoffMs,
  timeoutMs,
  sleep,
  random,
})
