import { type Llm, LlmError, type LlmPart, type LlmRequest } from '../llm/llm.ts'
import type { Clock } from '../model/time.ts'
import { type ModelTrouble, troubleOf } from './model-trouble.ts'

/** Faults of a moment are forgotten after so long without a question, in milliseconds; the others stay until mended. */
const momentMs = 300_000
const lasting: ReadonlySet<ModelTrouble['kind']> = new Set<ModelTrouble['kind']>(['key', 'credit', 'model'])

/** Why the assistant does not answer, as its last question showed: nothing is asked just to find out. */
export interface ModelHealth {
  /** The same model, whose calls are noticed. */
  watch(llm: Llm): Llm
  trouble(): (ModelTrouble & { model: string }) | undefined
  /** The models or their keys are others now, of which nothing is known. */
  forget(): void
}

export function createModelHealth(clock: Clock): ModelHealth {
  let last: (ModelTrouble & { model: string; at: number }) | undefined
  let generation = 0

  async function* stream(llm: Llm, request: LlmRequest): AsyncGenerator<LlmPart> {
    const asked = generation
    try {
      for await (const part of llm.stream(request)) {
        if (part.type === 'finish' && asked === generation) last = undefined
        yield part
      }
    } catch (error) {
      if (error instanceof LlmError && error.fault !== 'budget' && asked === generation) {
        const trouble = troubleOf(error)
        last = trouble && { ...trouble, model: error.model, at: clock.now() }
      }
      throw error
    }
  }

  return {
    watch: (llm) => ({ name: llm.name, stream: (request) => stream(llm, request) }),
    trouble() {
      if (!last) return undefined
      const { at, ...trouble } = last
      return lasting.has(trouble.kind) || clock.now() - at < momentMs ? trouble : undefined
    },
    forget() {
      generation += 1
      last = undefined
    },
  }
}
