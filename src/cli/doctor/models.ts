import { isPaid, tryModel } from '../../app/model-trial.ts'
import { remedy } from '../../app/model-trouble.ts'
import type { LivePurse } from '../../app/purse.ts'
import type { ModelConfig, ModelsConfig } from '../../config/config.ts'
import { fail, type Item, ok, skip, warn } from './item.ts'
import { isRemote } from './remote.ts'

interface Options {
  offline?: boolean
  timeoutMs?: number
  /** What costs is paid from it. */
  purse?: LivePurse | undefined
}

/**
 * Which models are configured, and whether each answers: one question of a few tokens. `offline`: only those here. What
 * costs is not asked where nothing may be spent.
 */
export async function checkModels(
  { chain, budget }: Pick<ModelsConfig, 'chain' | 'budget'>,
  { offline = false, timeoutMs = 10_000, purse }: Options = {},
): Promise<Item[]> {
  if (chain.length === 0) {
    const next =
      'set ANTHROPIC_API_KEY, OPENAI_API_KEY or another; docs/reference/configuration.md lists them'
    return [warn('model', 'no key: only commands and the FAQ answer', next)]
  }
  return Promise.all(
    chain.map(async (model) => {
      const isTooDear = budget.dailyMicroUsd === 0 && isPaid(model)
      return isTooDear || (offline && isRemote(model.baseUrl))
        ? skip('model', `${nameOf(model)} not asked`)
        : check(model, timeoutMs, purse)
    }),
  )
}

async function check(model: ModelConfig, timeoutMs: number, purse: LivePurse | undefined): Promise<Item> {
  const { ms, trouble, unpaid } = await tryModel(model, timeoutMs, purse)
  if (unpaid !== undefined) return skip('model', `${nameOf(model)} not asked: ${unpaid}`)
  if (!trouble) return ok('model', `${nameOf(model)} answers after ${ms} ms`)
  const { kind, message } = trouble
  // What passes by itself keeps nobody from starting.
  const judge = kind === 'limit' || kind === 'down' ? warn : fail
  return judge('model', `${nameOf(model)}: ${message}`, remedy(kind, model.provider).next)
}

const nameOf = ({ provider, model }: ModelConfig): string => `${provider}/${model}`
