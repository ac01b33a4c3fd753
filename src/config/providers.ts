import type { Provider } from './config.ts'

export interface ProviderDefaults {
  provider: Provider
  /** Environment names. */
  key: string
  baseUrlName: string
  /** Asked when no model is named; `undefined`: one must be named. */
  model: string | undefined
}

/**
 * The providers in the order they are tried when only keys are given. The models are each provider's fast, cheap
 * one: a support answer needs speed more than depth.
 */
export const providers: readonly ProviderDefaults[] = [
  defaults('anthropic', 'claude-haiku-4-5'),
  defaults('openai', 'gpt-5.4-mini'),
  defaults('google', 'gemini-3.5-flash'),
  defaults('deepseek', 'deepseek-v4-flash'),
  defaults('longcat', 'LongCat-Flash-Chat'),
  defaults('compatible', undefined),
]

export const providerNames: readonly Provider[] = providers.map(({ provider }) => provider)

function defaults(provider: Provider, model: string | undefined): ProviderDefaults {
  const prefix = provider.toUpperCase()
  return { provider, key: `${prefix}_API_KEY`, baseUrlName: `${prefix}_BASE_URL`, model }
}
