import type { ModelConfig } from '../config/config.ts'
import { withBudget } from '../llm/budgeted.ts'
import { isFree } from '../llm/cost.ts'
import { limitsFor } from '../llm/limits.ts'
import { LlmError } from '../llm/llm.ts'
import { createModel } from '../llm/model.ts'
import type { Purse } from '../llm/purse.ts'
import { createTransport, type Transport } from '../llm/transport.ts'
import { ParleyError } from '../model/errors.ts'
import { systemClock } from '../model/time.ts'
import { type ModelTrouble, troubleOf } from './model-trouble.ts'

/** How one model took a question. */
export interface ModelTrial {
  ms: number
  /** With the provider's words, the key left out. */
  trouble?: ModelTrouble
  /** Why it was not asked: there was no money for it. */
  unpaid?: string
}

/** Enough for models that think before they say a word; at most a fraction of a cent. */
const maxOutputTokens = 100

export const isPaid = ({ price }: ModelConfig): boolean => !isFree(price)

/** Asks a model one question of a few tokens, once, and gives up after `timeoutMs`. It is paid from `purse`, if there is one. */
export async function tryModel(config: ModelConfig, timeoutMs: number, purse?: Purse): Promise<ModelTrial> {
  const transport = createTransport()
  const began = performance.now()
  const found = await ask(config, timeoutMs, transport, purse).then(() => ({}), whatOf)
  const ms = Math.round(performance.now() - began)
  await transport.close()
  return { ms, ...found }
}

function whatOf(error: unknown): Omit<ModelTrial, 'ms'> {
  if (error instanceof LlmError && error.fault === 'budget')
    return { unpaid: 'the budget of today does not cover it' }
  if (error instanceof ParleyError) return { unpaid: `its cost cannot be recorded: ${error.message}` }
  const trouble = troubleOf(error)
  return trouble ? { trouble } : {}
}

async function ask(
  config: ModelConfig,
  timeoutMs: number,
  transport: Transport,
  purse: Purse | undefined,
): Promise<void> {
  // A local model may have to be loaded first: silence is no reason to give up earlier.
  const limits = limitsFor(timeoutMs, { silenceMs: timeoutMs })
  const model = createModel(config, { transport, limits })
  const { price } = config
  const paid = purse ? withBudget(model, { price, purse, clock: systemClock, timeoutMs }) : model
  const answer = paid.stream({
    system: '',
    messages: [{ role: 'user', text: 'Say: ok' }],
    maxOutputTokens,
    signal: new AbortController().signal,
  })
  for await (const part of answer) if (part.type === 'finish') return
}
