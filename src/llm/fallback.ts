import type { Clock } from '../model/time.ts'
import { type Llm, LlmError, type LlmPart, type LlmRequest } from './llm.ts'

/**
 * Asks each model in turn until one answers, within one `timeoutMs` for all of them and while the request has tries left;
 * what a failed one had said is taken back with `restart`. Named after the first; the `finish` part names who answered.
 * Throws the last failure. An aborted request goes no further.
 */
export function withFallback(
  llms: readonly [Llm, ...Llm[]],
  options: { timeoutMs: number; clock: Clock },
): Llm {
  if (llms.length === 1) return llms[0]
  return { name: llms[0].name, stream: (request) => askInTurn(llms, request, options) }
}

async function* askInTurn(
  llms: readonly Llm[],
  request: LlmRequest,
  { timeoutMs, clock }: { timeoutMs: number; clock: Clock },
): AsyncGenerator<LlmPart> {
  const end = clock.now() + Math.min(timeoutMs, request.timeoutMs ?? Number.POSITIVE_INFINITY)
  let spoke = false
  for (const [index, llm] of llms.entries()) {
    if (spoke) yield { type: 'restart' }
    spoke = false
    const left = end - clock.now()
    try {
      for await (const part of llm.stream({ ...request, timeoutMs: Math.max(1, left) })) {
        if (part.type !== 'finish') spoke = part.type === 'text'
        yield part
      }
      return
    } catch (error) {
      const isLast = index === llms.length - 1 || request.tries?.left === 0
      if (isLast || !(error instanceof LlmError) || clock.now() >= end) throw error
    }
  }
}
