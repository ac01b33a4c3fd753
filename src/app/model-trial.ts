import type { ModelConfig } from '../config/config.ts'
import { isFree } from '../llm/cost.ts'
import { limitsFor } from '../llm/limits.ts'
import { createModel } from '../llm/model.ts'
import { createTransport, type Transport } from '../llm/transport.ts'
import { type ModelTrouble, troubleOf } from './model-trouble.ts'

/** How one model took a question. */
export interface ModelTrial {
  ms: number
  /** With the provider's words, the key left out. */
  trouble?: ModelTrouble
}

/** Enough for models that think before they say a word; at most a fraction of a cent. */
const maxOutputTokens = 100

export const isPaid = ({ price }: ModelConfig): boolean => !isFree(price)

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
