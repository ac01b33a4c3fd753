import type { ModelConfig } from '../config/config.ts'
import { limitsFor } from '../llm/limits.ts'
import { LlmError, type LlmFault } from '../llm/llm.ts'
import { createModel } from '../llm/model.ts'
import { createTransport, type Transport } from '../llm/transport.ts'

/** Why a model does not answer, by what has to be done about it. */
export type ModelTrouble = 'key' | 'credit' | 'model' | 'limit' | 'down' | 'slow' | 'network' | 'unknown'

/** How one model took a question. */
export interface ModelTrial {
  ms: number
  /** With the provider's words, the key left out. */
  trouble?: { kind: ModelTrouble; message: string }
}

/** Enough for models that think before they say a word; at most a fraction of a cent. */
const maxOutputTokens = 100

/** Asks a model one question of a few tokens, once, and gives up after `timeoutMs`. */
export async function tryModel(config: ModelConfig, timeoutMs: number): Promise<ModelTrial> {
  const transport = createTransport()
  const began = performance.now()
  const trouble = await ask(config, timeoutMs, transport).then(() => undefined, troubleOf)
  const ms = Math.round(performance.now() - began)
  await transport.close()
  return trouble ? { ms, trouble } : { ms }
}

async function ask(config: ModelConfig, timeoutMs: number, transport: Transport): Promise<void> {
  // A local model may have to be loaded first: silence is no reason to give up earlier.
  const limits = limitsFor(timeoutMs, { silenceMs: timeoutMs })
  const answer = createModel(config, { transport, limits }).stream({
    system: '',
    messages: [{ role: 'user', text: 'Say: ok' }],
    maxOutputTokens,
    signal: new AbortController().signal,
  })
  for await (const part of answer) if (part.type === 'finish') return
}

function troubleOf(error: unknown): ModelTrial['trouble'] {
  if (!(error instanceof LlmError)) return { kind: 'unknown', message: String(error) }
  // It took key and model, and thought for so long that no word was left.
  if (error.fault === 'empty') return undefined
  const message = error.message.replace(`${error.model}: `, '')
  return { kind: kindOf(error.fault, message), message }
}

function kindOf(fault: LlmFault, message: string): ModelTrouble {
  // An empty account is 402 for DeepSeek, 429 for OpenAI, and a bad request for Anthropic.
  if (fault === 'auth') return /HTTP (402|429)/.test(message) ? 'credit' : 'key'
  if (fault === 'invalid' && /credit|balance|billing/i.test(message)) return 'credit'
  if (fault === 'invalid' && /model/i.test(message)) return 'model'
  if (fault === 'unavailable') return message.startsWith('no connection') ? 'network' : 'down'
  return kinds[fault] ?? 'unknown'
}

const kinds: Partial<Record<LlmFault, ModelTrouble>> = { rate_limited: 'limit', timeout: 'slow', cut: 'down' }
