import { anthropic } from './wire/anthropic.ts'
import { chatCompletions } from './wire/chat-completions.ts'
import type { WireFormat } from './wire/format.ts'
import { gemini } from './wire/gemini.ts'

export type Provider = 'anthropic' | 'openai' | 'google' | 'deepseek' | 'longcat' | 'compatible'

/** How one provider is spoken to. */
export interface ProviderProfile {
  format: WireFormat
  /** Where it lives; `undefined`: the settings must say. */
  origin: string | undefined
  /** The path to its current version, joined to a base URL that names none. */
  version: string
  headers(key: string): Record<string, string>
  /** Whether it may be asked without a key. */
  keyless: boolean
  /** Fields laid over the request's body, by the model's name; `limit` is the request's output limit. */
  extra(model: string, limit: number): Record<string, unknown>
}

const bearer = (key: string): Record<string, string> => (key ? { authorization: `Bearer ${key}` } : {})
const nothing = () => ({})

/**
 * Models that think before they speak pay for it from the output limit. A chat answer needs little of it, and none is
 * left for the answer otherwise.
 */
const thinksAtOpenai = /^(?!o1-mini)(?:gpt-5|o[134])(?!.*(?:chat|pro|preview))/

function openaiExtra(model: string, limit: number): Record<string, unknown> {
  // OpenAI replaced max_tokens; its thinking models refuse the old name.
  const renamed = { max_tokens: undefined, max_completion_tokens: limit }
  return thinksAtOpenai.test(model) ? { ...renamed, reasoning_effort: 'low' } : renamed
}

function googleExtra(model: string): Record<string, unknown> {
  if (model.startsWith('gemini-2.5-flash')) return { thinkingConfig: { thinkingBudget: 0 } }
  if (model.startsWith('gemini-2.5-pro')) return { thinkingConfig: { thinkingBudget: 128 } }
  return model.startsWith('gemini-3') ? { thinkingConfig: { thinkingLevel: 'low' } } : {}
}

export const providers: Record<Provider, ProviderProfile> = {
  anthropic: {
    format: anthropic,
    origin: 'https://api.anthropic.com',
    version: '/v1',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
    keyless: false,
    extra: nothing,
  },
  openai: {
    format: chatCompletions,
    origin: 'https://api.openai.com',
    version: '/v1',
    headers: bearer,
    keyless: false,
    extra: openaiExtra,
  },
  google: {
    format: gemini,
    origin: 'https://generativelanguage.googleapis.com',
    version: '/v1beta',
    headers: (key) => ({ 'x-goog-api-key': key }),
    keyless: false,
    extra: googleExtra,
  },
  deepseek: {
    format: chatCompletions,
    origin: 'https://api.deepseek.com',
    version: '',
    headers: bearer,
    keyless: false,
    extra: nothing,
  },
  longcat: {
    format: chatCompletions,
    origin: 'https://api.longcat.chat/openai',
    version: '/v1',
    headers: bearer,
    keyless: false,
    extra: nothing,
  },
  compatible: {
    format: chatCompletions,
    origin: undefined,
    version: '/v1',
    headers: bearer,
    keyless: true,
    extra: nothing,
  },
}

/**
 * The base URL with the provider's version where it names none: `https://api.anthropic.com` and
 * `https://api.anthropic.com/v1` mean the same. Throws when there is no usable address.
 */
export function resolveBaseUrl(provider: Provider, baseUrl: string | undefined): string {
  const { origin, version } = providers[provider]
  const given = baseUrl ?? origin
  if (!given || !URL.canParse(given))
    throw new Error(`The provider ${provider} needs a base URL, such as http://localhost:11434/v1.`)
  const url = new URL(given)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error(`The base URL of ${provider} must begin with http:// or https://.`)
  const path = url.pathname.replace(/\/+$/, '')
  return url.origin + (/\/v\d/.test(path) ? path : path + version)
}
