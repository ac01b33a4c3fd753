import type { LlmRequest, LlmUsage } from './llm.ts'

/** What tokens cost, in micro-dollars for a million of them. */
export interface Price {
  input: number
  /** Never more than `input`. */
  cachedInput: number
  output: number
  /** What a prompt of more than `above` tokens costs instead, the whole of it and its answer. */
  long?: { above: number; input: number; cachedInput: number; output: number }
}

/** The most tokens a call can be billed for. */
export interface Bound {
  inputTokens: number
  outputTokens: number
}

/** Roles, separators and the beginning of the answer, more than any chat template spends on them. */
const tokensAMessage = 16
const tokensARequest = 64

export const isFree = ({ input, cachedInput, output, long }: Price): boolean =>
  input + cachedInput + output === 0 && (long === undefined || long.input + long.output === 0)

/**
 * An upper bound, not an estimate: no tokenizer in use makes more tokens of a text than it has bytes of UTF-8, for each
 * token stands for one byte at least. Thoughts count as output and are under the same limit.
 */
export function boundOf({ system, messages, maxOutputTokens }: LlmRequest): Bound {
  const bytes = messages.reduce((sum, { text }) => sum + Buffer.byteLength(text), Buffer.byteLength(system))
  return {
    inputTokens: bytes + messages.length * tokensAMessage + tokensARequest,
    outputTokens: maxOutputTokens,
  }
}

/** Micro-dollars, rounded up. */
export function costOf(price: Price, { inputTokens, cachedInputTokens, outputTokens }: LlmUsage): number {
  const { input, cachedInput, output } = price.long && inputTokens > price.long.above ? price.long : price
  const cached = Math.min(cachedInputTokens, inputTokens)
  return Math.ceil(
    ((inputTokens - cached) * input + cached * cachedInput + outputTokens * output) / 1_000_000,
  )
}

/** What a call that uses all of its bound costs. */
export const worstCost = (price: Price, bound: Bound): number =>
  costOf(price, { ...bound, cachedInputTokens: 0 })

/**
 * The usage a call is charged for: what the provider told, and the bound in place of what it did not. Who wrote a text
 * and claims that no token went in or out has told nothing.
 */
export function chargedUsage(usage: LlmUsage, bound: Bound): LlmUsage {
  if (usage.estimated) return { ...bound, cachedInputTokens: 0, estimated: true }
  const input = isCount(usage.inputTokens)
  return {
    inputTokens: input ? usage.inputTokens : bound.inputTokens,
    outputTokens: isCount(usage.outputTokens) ? usage.outputTokens : bound.outputTokens,
    cachedInputTokens: input && isCount(usage.cachedInputTokens) ? usage.cachedInputTokens : 0,
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0
