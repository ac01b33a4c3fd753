import type { EventParts } from './outage.ts'

/** What became of asking models. */
export interface ModelEvents {
  modelCalled(event: {
    /** `provider/model`, as configured. */
    model: string
    /** `ok`, or the fault. */
    outcome: string
    ms: number
    inputTokens?: number
    outputTokens?: number
    /** The turn it was asked for. */
    turnId?: string | undefined
    /** The same model was asked the same before. */
    repeated?: true
    error?: string
  }): void
  /** A model that failed in a row is left alone (`open`), or is well again. */
  modelRested(model: string, state: 'open' | 'closed'): void
  /** Other models or keys are in use, of which nothing is known yet. */
  modelsRenewed(): void
}

export function createModelEvents({ log, metrics }: Pick<EventParts, 'log' | 'metrics'>): ModelEvents {
  return {
    modelCalled(event) {
      metrics.llmRequests.inc({ model: event.model, status: event.outcome })
      if (event.repeated) metrics.llmRetries.inc({ model: event.model })
      // Nobody was asked; when the money runs out is told once.
      if (event.outcome === 'budget') return log.debug(event, 'model not called for want of money')
      metrics.llmSeconds.observe({ model: event.model }, event.ms / 1000)
      metrics.llmTokens.inc({ model: event.model, type: 'input' }, event.inputTokens ?? 0)
      metrics.llmTokens.inc({ model: event.model, type: 'output' }, event.outputTokens ?? 0)
      if (event.outcome === 'ok') log.debug(event, 'model called')
      else log.warn(event, 'model call failed')
    },
    modelRested(model, state) {
      metrics.llmResting.set({ model }, state === 'open' ? 1 : 0)
      if (state === 'open') log.warn({ model }, 'model left alone for a while: it failed repeatedly')
      else log.info({ model }, 'model answers again')
    },
    modelsRenewed: () => metrics.llmResting.reset(),
  }
}
