import type { ModelsConfig } from '../config/config.ts'
import { type Chain, createChain } from '../llm/chain.ts'
import { isFree } from '../llm/cost.ts'
import type { Llm } from '../llm/llm.ts'
import type { Clock } from '../model/time.ts'
import { createModelHealth, type ModelHealth } from './model-health.ts'
import type { LivePurse } from './purse.ts'
import type { Events } from '../ops/events.ts'

/** The model chain of this moment, replaced when keys or settings change. */
export interface LiveModels {
  current(): Llm | undefined
  /** `provider/model` of the first, or `null`. */
  name(): string | null
  /** The first that costs nothing, or `null`. */
  freeName(): string | null
  /** Why the last question got no answer. */
  trouble: ModelHealth['trouble']
  /** Makes the new chain, or throws; the function takes it into use. */
  prepare(config: ModelsConfig): () => void
  close(): Promise<void>
}

export function createLiveModels(
  config: ModelsConfig,
  { events, purse, clock }: { events: Events; purse: LivePurse; clock: Clock },
): LiveModels {
  let chain = open(config)
  let free = freeOf(config)
  let timeoutMs = config.timeoutMs
  const retired = new Set<Chain>()
  const health = createModelHealth(clock)

  /** Answers under way end with the connections they began on. */
  function retire(old: Chain): void {
    retired.add(old)
    setTimeout(() => {
      retired.delete(old)
      void old.close().catch((err: unknown) => events.faulted({ area: 'models', err }))
    }, timeoutMs).unref()
  }

  function open({ chain: models, ...options }: ModelsConfig): Chain | undefined {
    return createChain(models, { ...options, purse, onBreaker: events.modelRested })
  }

  return {
    current: () => chain && health.watch(observed(chain, events)),
    name: () => chain?.name ?? null,
    freeName: () => free,
    trouble: health.trouble,
    prepare(next) {
      const made = open(next)
      return () => {
        if (chain) retire(chain)
        chain = made
        free = freeOf(next)
        health.forget()
        events.modelsRenewed()
        purse.change(next.budget)
        timeoutMs = next.timeoutMs
      }
    },
    async close() {
      await Promise.allSettled([chain, ...retired].map(async (one) => one?.close()))
    },
  }
}

function freeOf({ chain }: ModelsConfig): string | null {
  const found = chain.find(({ price }) => isFree(price))
  return found ? `${found.provider}/${found.model}` : null
}

/** Every try of every model is counted and logged. */
function observed(llm: Llm, events: Events): Llm {
  return {
    name: llm.name,
    stream: (request) =>
      llm.stream({
        ...request,
        onAttempt(attempt) {
          events.modelCalled({ ...attempt, ...attempt.usage, turnId: request.turnId })
          request.onAttempt?.(attempt)
        },
      }),
  }
}
