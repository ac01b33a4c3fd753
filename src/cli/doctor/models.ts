import type { ModelsConfig } from '../../config/config.ts'
import { type Item, ok, warn } from './item.ts'

/** Which models are configured. They are not called: that costs money. */
export function checkModels({ chain }: ModelsConfig): Item[] {
  if (chain.length === 0) {
    const next =
      'set ANTHROPIC_API_KEY, OPENAI_API_KEY or another; docs/reference/configuration.md lists them'
    return [warn('models', 'no key: only commands and the FAQ answer', next)]
  }
  return [ok('models', chain.map(({ provider, model }) => `${provider}/${model}`).join(', then '))]
}
