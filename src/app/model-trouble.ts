import { providers } from '../config/providers.ts'
import type { ModelFault } from '../http/contract/socket.ts'
import { LlmError, type LlmFault } from '../llm/llm.ts'

/** Of a model that was asked. */
type TroubleKind = Exclude<ModelFault, 'budget'>

/** Why a model does not answer. */
export interface ModelTrouble {
  kind: TroubleKind
  /** The provider's words, the key left out. */
  message: string
}

/** What an error of a model means; `undefined` where the model took key and question all the same. */
export function troubleOf(error: unknown): ModelTrouble | undefined {
  if (!(error instanceof LlmError)) return { kind: 'unknown', message: String(error) }
  // It took key and model, and thought for so long that no word was left.
  if (error.fault === 'empty') return undefined
  const message = error.message.replace(`${error.model}: `, '')
  return { kind: kindOf(error.fault, message), message }
}

function kindOf(fault: LlmFault, message: string): TroubleKind {
  // An empty account is 402 for DeepSeek, 429 for OpenAI, and a bad request for Anthropic.
  if (fault === 'auth') return /HTTP (402|429)/.test(message) ? 'credit' : 'key'
  if (fault === 'invalid' && /credit|balance|billing/i.test(message)) return 'credit'
  if (fault === 'invalid' && /model/i.test(message)) return 'model'
  if (fault === 'unavailable') return message.startsWith('no connection') ? 'network' : 'down'
  return kinds[fault] ?? 'unknown'
}

const kinds: Partial<Record<LlmFault, TroubleKind>> = { rate_limited: 'limit', timeout: 'slow', cut: 'down' }

/** For operators: what is the matter with a model of a provider, and what to do about it. */
export function remedy(kind: TroubleKind, provider: string): { found: string; next: string } {
  const names = providers.find((each) => each.provider === provider)
  const [key, address] = [names?.key ?? '', names?.baseUrlName ?? '']
  const remedies: Record<TroubleKind, [found: string, next: string]> = {
    key: ['its key is refused', `set ${key} to a valid key of an account that may use this model`],
    credit: [
      'the account is out of credit',
      'the account is out of credit: pay in at the provider, or use the key of another account',
    ],
    model: [
      'the provider does not know this model',
      'set AI_MODEL, or model in models.chain, to a name the provider knows',
    ],
    limit: ['the provider asks to wait', 'wait a minute; if it stays, look at the plan of the account'],
    down: ['the provider has a fault', "try again later; the provider's status page tells more"],
    slow: [
      'it does not answer in time',
      'try again; if it stays, check the network and the load of the provider',
    ],
    network: ['it cannot be reached', `check the network of this machine, and ${address} where it is set`],
    unknown: ['it gives no answer', `check ${address} and AI_MODEL`],
  }
  const [found, next] = remedies[kind]
  return { found, next }
}
