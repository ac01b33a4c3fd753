import { isPaid, tryModel } from '../../app/model-trial.ts'
import { remedy } from '../../app/model-trouble.ts'
import type { LivePurse } from '../../app/purse.ts'
import type { ModelConfig, ModelsConfig } from '../../config/config.ts'
import { fail, type Item, ok, skip, warn } from './item.ts'
import { isRemote } from './remote.ts'

/** From what is paid; `uncounted`: there is no database yet to count in; `impossible`: there is, and it cannot be asked. */
export type Payment = LivePurse | 'uncounted' | 'impossible'

interface Options {
  offline?: boolean
  timeoutMs?: number
  payment?: Payment
}

/**
 * Which models are configured, and whether each answers: one question of a few tokens. `offline`: only those here that cost
 * nothing. What costs is not asked where nothing may be spent, or what is cannot be recorded.
 */
export async function checkModels(
  { chain, budget }: Pick<ModelsConfig, 'chain' | 'budget'>,
  { offline = false, timeoutMs = 10_000, payment = 'uncounted' }: Options = {},
): Promise<Item[]> {
  if (chain.length === 0) {
    const next =
      'set ANTHROPIC_API_KEY, OPENAI_API_KEY or another; docs/reference/configuration.md lists them'
    return [warn('model', 'no key: only commands and the FAQ answer', next)]
  }
  return Promise.all(
    chain.map(async (model) => {
      const isTooDear = isPaid(model) && (offline || budget.dailyMicroUsd === 0)
      return isTooDear || (offline && isRemote(model.baseUrl))
        ? skip('model', `${nameOf(model)} not asked`)
        : check(model, timeoutMs, payment)
    }),
  )
}

async function check(model: ModelConfig, timeoutMs: number, payment: Payment): Promise<Item> {
  if (payment === 'impossible' && isPaid(model))
    return skip('model', `${nameOf(model)} not asked: its cost cannot be recorded`)
  const purse = typeof payment === 'string' ? undefined : payment
  const { ms, trouble, unpaid } = await tryModel(model, timeoutMs, purse)
  if (unpaid !== undefined) return skip('model', `${nameOf(model)} not asked: ${unpaid}`)
  if (!trouble) return ok('model', `${nameOf(model)} answers after ${ms} ms`)
  const { kind, message } = trouble
  // What passes by itself keeps nobody from starting.
  const judge = kind === 'limit' || kind === 'down' ? warn : fail
  return judge('model', `${nameOf(model)}: ${message}`, remedy(kind, model.provider).next)
}

const nameOf = ({ provider, model }: ModelConfig): string => `${provider}/${model}`
