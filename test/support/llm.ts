import type { FinishReason, Llm, LlmPart, LlmRequest } from '../../src/llm/llm.ts'

/** What one call does, in order: parts, a thrown error, or something that happens in between. */
export type Script = (LlmPart | Error | (() => void))[]

export interface ScriptedLlm extends Llm {
  /** Every request, in order. */
  requests: LlmRequest[]
}

export const says = (text: string, reason: FinishReason = 'stop', costMicroUsd?: number): LlmPart[] => [
  { type: 'text', text },
  {
    type: 'finish',
    reason,
    usage: {
      inputTokens: 100,
      outputTokens: 20,
      cachedInputTokens: 0,
      ...(costMicroUsd && { costMicroUsd }),
    },
    model: 'scripted/one',
  },
]

/** A model that plays one script a call, the last one again and again. Aborts like a real one. */
export function scriptedLlm(...scripts: Script[]): ScriptedLlm {
  const requests: LlmRequest[] = []
  return {
    name: 'scripted/one',
    requests,
    async *stream(request) {
      await request.permit?.()
      requests.push(request)
      const script = scripts[Math.min(requests.length, scripts.length) - 1] ?? []
      for (const step of script) {
        request.signal.throwIfAborted()
        if (step instanceof Error) throw step
        if (typeof step === 'function') step()
        else yield step
      }
    },
  }
}
