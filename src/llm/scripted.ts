import { type Llm, LlmError, type LlmFault, type LlmPart, type LlmRequest } from './llm.ts'

/** What a scripted model does with one request: says these texts, then finishes or fails. */
export interface Script {
  say?: string[]
  fault?: LlmFault
  reason?: 'stop' | 'length' | 'refused' | 'other'
  /** Waits for this before the first text. */
  after?: Promise<void>
}

export interface ScriptedLlm extends Llm {
  /** Every request so far, oldest first. */
  readonly requests: readonly LlmRequest[]
}

/**
 * A model for tests: plays the scripts one request each, or asks a function; the last script is repeated. Usage is the
 * count of words.
 */
export function createScripted(
  scripts: readonly [Script, ...Script[]] | ((request: LlmRequest) => Script),
  name = 'scripted/model',
): ScriptedLlm {
  const requests: LlmRequest[] = []
  const next = (request: LlmRequest): Script => {
    if (typeof scripts === 'function') return scripts(request)
    return scripts[Math.min(requests.length, scripts.length) - 1] ?? scripts[0]
  }

  async function* stream(request: LlmRequest): AsyncGenerator<LlmPart> {
    request.signal.throwIfAborted()
    requests.push(request)
    const { say = [], fault, reason = 'stop', after } = next(request)
    await after
    for (const text of say) {
      request.signal.throwIfAborted()
      yield { type: 'text', text }
    }
    if (fault) throw new LlmError(fault, name, `${name}: scripted ${fault}`)
    request.signal.throwIfAborted()
    yield { type: 'finish', reason, model: name, usage: usageOf(request, say) }
  }
  return { name, requests, stream }
}

const words = (texts: string[]): number => texts.join(' ').split(/\s+/).filter(Boolean).length

const usageOf = (request: LlmRequest, say: string[]) => ({
  inputTokens: words([request.system, ...request.messages.map((message) => message.text)]),
  outputTokens: words(say),
  cachedInputTokens: 0,
})
