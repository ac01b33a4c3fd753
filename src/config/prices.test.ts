import { expect, test } from 'vitest'
import { listPrice } from './prices.ts'
import { providers } from './providers.ts'

test('every model that is asked when none is named has a price', () => {
  for (const { provider, model } of providers)
    if (model !== undefined) expect(listPrice(provider, model), `${provider}/${model}`).toBeDefined()
})

test('an edition costs what its model costs; another model does not', () => {
  const haiku = { input: 1_000_000, cachedInput: 100_000, output: 5_000_000 }
  for (const name of ['claude-haiku-4-5', 'claude-haiku-4-5-20251001', 'claude-haiku-4-5-latest'])
    expect(listPrice('anthropic', name)).toEqual(haiku)
  expect(listPrice('openai', 'gpt-4o-mini-2024-07-18')?.input).toBe(150_000)
  expect(listPrice('google', 'models/gemini-3.1-pro-preview')?.long).toEqual({
    above: 200_000,
    input: 4_000_000,
    cachedInput: 400_000,
    output: 18_000_000,
  })
  const unknown = ['gpt-5.4-pro', 'gpt-4o-audio', 'constructor', '', 'claude-haiku-4-5']
  for (const name of unknown) expect(listPrice('openai', name)).toBeUndefined()
  expect(listPrice('compatible', 'gpt-4o')).toBeUndefined()
})

test('no cached input is dearer than input, and no long prompt cheaper than a short one', () => {
  const names = ['claude-haiku-5-5', 'claude-sonnet-4-5', 'claude-fable-5-1']
  for (const name of names) {
    const price = listPrice('anthropic', name)
    expect(price?.cachedInput).toBeLessThanOrEqual(price?.input ?? 0)
    if (price?.long) expect(price.long.input).toBeGreaterThanOrEqual(price.input)
  }
})
