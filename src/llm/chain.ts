import { type Clock, steadyClock } from '../model/time.ts'
import { withBreaker } from './breaker.ts'
import { withBudget } from './budgeted.ts'
import type { Price } from './cost.ts'
import { withFallback } from './fallback.ts'
import { type CallLimits, limitsFor } from './limits.ts'
import type { Llm } from './llm.ts'
import { createModel, type ModelSettings } from './model.ts'
import { type Sleep, systemSleep } from './pause.ts'
import type { Provider } from './providers.ts'
import type { Purse } from './purse.ts'
import { withRetries } from './retries.ts'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'
import { createTransport } from './transport.ts'

export interface ChainOptions {
  /** Tries of one answer, all models together; each model has one at least. */
  tries: number
  /** Of the calls of a provider, the part that may be tries repeated. */
  retryShare: number
  backoffMs: readonly [first: number, longest: number]
  /** For one answer, in milliseconds: all models, tries and waits together. */
  timeoutMs: number
  /** Pays for every try of every model that is not free. */
  purse: Purse
  /** Failed calls in a row after which a model is left alone, and for how long. */
  breaker: { failures: number; restMs: number }
  /** Told when a model is left alone, and when it is asked again. */
  onBreaker?: (model: string, state: 'open' | 'closed') => void
  limits?: Partial<CallLimits>
  clock?: Clock
  sleep?: Sleep
  random?: () => number
}

/** A model and what its tokens cost. */
export interface PricedModel extends ModelSettings {
  price: Price
}

/** All configured models as one. */
export interface Chain extends Llm {
  /** Closes the connections; answers under way fail. */
  close(): Promise<void>
}

/** The models in fallback order with retries and breakers; `undefined` when there are none. */
export function createChain(models: readonly PricedModel[], options: ChainOptions): Chain | undefined {
  const transport = createTransport()
  const { timeoutMs, purse, clock = steadyClock, breaker, onBreaker } = options
  const budgetOf = createRetryBudgets(options.retryShare, clock)
  const links = models.map((settings, index) => {
    const behind = models.length - 1 - index
    // A local model may have to be loaded before it says a word.
    const silence = behind > 0 ? {} : { silenceMs: timeoutMs }
    const limits = limitsFor(timeoutMs, { ...silence, ...options.limits })
    const model = createModel(settings, { transport, clock: options.clock, limits })
    const paid = withBudget(model, { price: settings.price, purse, clock, timeoutMs })
    const budget = budgetOf(settings.provider)
    const retried = withRetries(paid, { ...patience(options), clock, behind, budget })
    const onChange = (state: 'open' | 'closed'): void => onBreaker?.(model.name, state)
    return withBreaker(retried, { ...breaker, clock: steadyClock, onChange })
  })
  const [first, ...others] = links
  if (!first) return undefined
  const llm = withFallback([first, ...others], { timeoutMs, clock })
  return {
    name: llm.name,
    stream: (request) => llm.stream({ tries: { left: Math.max(options.tries, links.length) }, ...request }),
    close: transport.close,
  }
}

/** One for each provider. */
function createRetryBudgets(share: number, clock: Clock): (provider: Provider) => RetryBudget {
  const budgets = new Map<Provider, RetryBudget>()
  return (provider) => {
    const known = budgets.get(provider)
    if (known) return known
    const budget = createRetryBudget({ share, clock })
    budgets.set(provider, budget)
    return budget
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
