import type { ModelsConfig } from '../config/config.ts'
import { type Chain, createChain } from '../llm/chain.ts'
import type { Llm } from '../llm/llm.ts'
import type { Events } from '../ops/events.ts'

/** The model chain of this moment, replaced when keys or settings change. */
export interface LiveModels {
  current(): Llm | undefined
  /** `provider/model` of the first, or `null`. */
  name(): string | null
  reload(config: ModelsConfig): void
  close(): Promise<void>
}

export function createLiveModels(config: ModelsConfig, events: Events): LiveModels {
  let chain = open(config)
  const closing: Promise<void>[] = []

  function open({ chain: models, ...options }: ModelsConfig): Chain | undefined {
    return createChain(models, options)
  }

  return {
    current: () => chain && observed(chain, events),
    name: () => chain?.name ?? null,
    reload(next) {
      const before = chain
      chain = open(next)
      // Answers under way end with the connections they began on.
      if (before) setTimeout(() => closing.push(before.close()), config.timeoutMs).unref()
    },
    async close() {
      await chain?.close()
      await Promise.all(closing)
    },
  }
}

/** Every try of every model is counted and logged. */
function observed(llm: Llm, events: Events): Llm {
  return {
    name: llm.name,
    stream: (request) =>
      llm.stream({
        ...request,
        onAttempt(attempt) {
          events.modelCalled({ ...attempt, ...attempt.usage })
          request.onAttempt?.(attempt)
        },
      }),
  }
}
