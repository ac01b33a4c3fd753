import { tryModel, type ModelTrouble } from '../../app/model-trial.ts'
import type { ModelConfig, ModelsConfig } from '../../config/config.ts'
import { providers } from '../../config/providers.ts'
import { fail, type Item, ok, skip, warn } from './item.ts'
import { isRemote } from './remote.ts'

/** Which models are configured, and whether each answers: one question of a few tokens. `offline`: only those here. */
export async function checkModels(
  { chain }: Pick<ModelsConfig, 'chain'>,
  { offline = false, timeoutMs = 10_000 } = {},
): Promise<Item[]> {
  if (chain.length === 0) {
    const next =
      'set ANTHROPIC_API_KEY, OPENAI_API_KEY or another; docs/reference/configuration.md lists them'
    return [warn('model', 'no key: only commands and the FAQ answer', next)]
  }
  return Promise.all(
    chain.map(async (model) =>
      offline && isRemote(model.baseUrl)
        ? skip('model', `${nameOf(model)} not asked`)
        : check(model, timeoutMs),
    ),
  )
}

async function check(model: ModelConfig, timeoutMs: number): Promise<Item> {
  const { ms, trouble } = await tryModel(model, timeoutMs)
  if (!trouble) return ok('model', `${nameOf(model)} answers after ${ms} ms`)
  const { kind, message } = trouble
  // What passes by itself keeps nobody from starting.
  const judge = kind === 'limit' || kind === 'down' ? warn : fail
  return judge('model', `${nameOf(model)}: ${message}`, nextStep(kind, model))
}

function nextStep(kind: ModelTrouble, { provider, baseUrl }: ModelConfig): string {
  const names = providers.find((each) => each.provider === provider)
  const [key, address] = [names?.key ?? '', names?.baseUrlName ?? '']
  const steps: Record<ModelTrouble, string> = {
    key: `set ${key} to a valid key of an account that may use this model`,
    credit: 'the account is out of credit: pay in at the provider, or use the key of another account',
    model: 'set AI_MODEL, or model in models.chain, to a name the provider knows',
    limit: 'wait a minute; if it stays, look at the plan of the account',
    down: "try again later; the provider's status page tells more",
    slow: 'try again; if it stays, check the network and the load of the provider',
    network: `check the network of this machine${baseUrl === undefined ? '' : ` and ${address}`}`,
    unknown: `check ${address} and AI_MODEL`,
  }
  return steps[kind]
}

const nameOf = ({ provider, model }: ModelConfig): string => `${provider}/${model}`
