import { expect, test } from 'vitest'
import { loadConfig } from '../../config/load.ts'
import { checkBudget, checkSpending } from './budget.ts'

function configWith(daily: string, model = 'gpt-of-tests', price = '2.5/1.25/10') {
  const env = {
    PARLEY_CONFIG: 'examples/agency/parley.yaml',
    OPENAI_API_KEY: 'sk-fake-of-tests-0123456789',
    AI_PROVIDER: 'openai',
    AI_MODEL: model,
    AI_PRICE: price,
    LLM_DAILY_BUDGET_USD: daily,
  }
  const loaded = loadConfig({ env, cwd: process.cwd() })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

test('what a model costs says of what and for how much', () => {
  expect(checkBudget(configWith('100'))).toMatchObject([
    {
      status: 'ok',
      found: expect.stringMatching(
        /USD a day.*; USD for a million tokens of input\/cached input\/output: openai\/gpt-of-tests 2\.5\/1\.25\/10$/,
      ),
    },
  ])
  expect(checkBudget(configWith('100', 'gpt-4o-mini', ''))).toMatchObject([
    { found: expect.stringMatching(/: openai\/gpt-4o-mini 0\.15\/0\.075\/0\.6 \(list price of [\d-]+\)$/) },
  ])
})

test('a call that did not fit into the rest of today is told, until there is more', async () => {
  const row = { spentMicroUsd: 90_000, reservedMicroUsd: 0, calls: 6, inputTokens: 1, outputTokens: 1 }
  const found = (exhaustedMicroUsd: number, daily: string) => {
    const day = async (day: string) => ({ ...row, day, exhaustedMicroUsd })
    return checkSpending(configWith(daily), { read: { budget: { day } } }, Date.now())
  }
  expect(await found(0, '0.15')).toEqual([])
  expect(await found(150_000, '0.15')).toMatchObject([
    {
      name: 'spending',
      status: 'warn',
      found: expect.stringMatching(/^0\.0900 of 0\.1500 USD are spent today, and a call did not fit/),
    },
  ])
  expect(await found(150_000, '0.20')).toEqual([])
})
