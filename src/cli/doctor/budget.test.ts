import { expect, test } from 'vitest'
import { loadConfig } from '../../config/load.ts'
import { checkBudget } from './budget.ts'

test('what a model costs says of what and for how much', () => {
  const env = {
    PARLEY_CONFIG: 'examples/agency/parley.yaml',
    OPENAI_API_KEY: 'sk-fake-of-tests-0123456789',
    AI_PROVIDER: 'openai',
    AI_MODEL: 'gpt-of-tests',
    AI_PRICE: '2.5/1.25/10',
  }
  const loaded = loadConfig({ env, cwd: process.cwd() })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  expect(checkBudget(loaded.config)).toMatchObject([
    {
      status: 'ok',
      found: expect.stringMatching(
        /USD a day.*; USD for a million tokens of input\/cached input\/output \(list prices of [\d-]+\): openai\/gpt-of-tests 2\.5\//,
      ),
    },
  ])
})
