import type { FinishReason, Llm, LlmMessage, LlmRequest, LlmUsage } from '../../llm/llm.ts'
import { estimateTokens } from '../../llm/llm.ts'
import type { Clock } from '../../model/time.ts'

/** An endpoint that ignores its output limit is cut off at this many characters a token. */
const charactersPerToken = 20

export interface Spoken {
  text: string
  finish: FinishReason
  usage: LlmUsage
  model: string
  /** Milliseconds to the first token of the try that succeeded, from the beginning of the first. */
  firstTokenMs: number | undefined
  totalMs: number
}

/** Reads a model's whole answer, showing it with every piece: the turn spaces its previews. Throws what `Llm.stream` throws. */
export async function readAnswer(
  llm: Llm,
  request: LlmRequest,
  clock: Clock,
  preview: (text: string) => void = () => undefined,
): Promise<Spoken> {
  const began = clock.now()
  const longest = request.maxOutputTokens * charactersPerToken
  let text = ''
  let firstTokenMs: number | undefined

  for await (const part of llm.stream(request)) {
    const now = clock.now()
    if (part.type === 'finish')
      return {
        text,
        finish: part.reason,
        usage: part.usage,
        model: part.model,
        firstTokenMs,
        totalMs: now - began,
      }
    if (part.type === 'restart') {
      text = ''
      firstTokenMs = undefined
      continue
    }
    firstTokenMs ??= now - began
    text += part.text
    if (text.length > longest) break
    preview(text)
  }
  const usage = estimatedUsage(request, text)
  const finish = text.length > longest ? 'length' : 'other'
  return {
    text: text.slice(0, longest),
    finish,
    usage,
    model: llm.name,
    firstTokenMs,
    totalMs: clock.now() - began,
  }
}

function estimatedUsage({ system, messages }: LlmRequest, text: string): LlmUsage {
  const input = [system, ...messages.map((message: LlmMessage) => message.text)]
  return {
    inputTokens: input.reduce((sum, each) => sum + estimateTokens(each), 0),
    outputTokens: estimateTokens(text),
    cachedInputTokens: 0,
    estimated: true,
  }
}
