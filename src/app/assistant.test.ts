import { expect, test } from 'vitest'
import { createAssistant } from './assistant.ts'
import type { ModelTrouble } from './model-trouble.ts'

const clock = { now: () => Date.parse('2026-03-01T10:00:00Z') }

function setUp(name: string | null, free: string | null) {
  const state = {
    limitMicroUsd: 1_000_000,
    isExhausted: false,
    isAway: false,
    trouble: undefined as (ModelTrouble & { model: string }) | undefined,
  }
  const assistant = createAssistant({
    models: { name: () => name, freeName: () => free, trouble: () => state.trouble },
    async spending() {
      if (state.isAway) throw new Error('away')
      return { ...state, spentMicroUsd: 0 }
    },
    timezone: 'Europe/Berlin',
    clock,
  })
  return { state, ...assistant }
}

test('while there is money the first model answers', async () => {
  const { state, report, check } = setUp('openai/gpt', 'compatible/llama')
  expect(await check()).toBe('openai/gpt')
  expect(await report()).toEqual({ model: 'openai/gpt', modelFault: null })
  state.isAway = true
  expect(await check()).toBe('openai/gpt')
  const none = setUp(null, null)
  none.state.isExhausted = true
  expect(await none.check()).toBe('no model configured')
  expect(await none.report()).toEqual({ model: null, modelFault: null })
})

test('a spent budget takes the models away that cost, and no others', async () => {
  const paid = setUp('openai/gpt', null)
  paid.state.isExhausted = true
  await expect(paid.check()).rejects.toThrow(/budget; until 00:00 \(Europe\/Berlin\)/)
  expect(await paid.report()).toEqual({ model: 'openai/gpt', modelFault: 'budget' })
  const both = setUp('openai/gpt', 'compatible/llama')
  both.state.isExhausted = true
  expect(await both.check()).toMatch(/^compatible\/llama: a call did not fit/)
  expect(await both.report()).toEqual({ model: 'compatible/llama', modelFault: null })
  const free = setUp('compatible/llama', 'compatible/llama')
  free.state.isExhausted = true
  expect(await free.check()).toBe('compatible/llama')
  expect(await free.report()).toEqual({ model: 'compatible/llama', modelFault: null })
})

test('without a budget no model that costs is asked, whatever the hour', async () => {
  const { state, report, check } = setUp('openai/gpt', null)
  state.limitMicroUsd = 0
  await expect(check()).rejects.toThrow(/daily is 0[^]*LLM_DAILY_BUDGET_USD/)
  expect(await report()).toEqual({ model: 'openai/gpt', modelFault: 'budget' })
})

test('what the last question showed goes first', async () => {
  const { state, report, check } = setUp('compatible/llama', 'compatible/llama')
  state.trouble = { kind: 'network', message: '', model: 'compatible/llama' }
  await expect(check()).rejects.toThrow('compatible/llama does not answer: it cannot be reached')
  expect(await report()).toEqual({ model: 'compatible/llama', modelFault: 'network' })
})
