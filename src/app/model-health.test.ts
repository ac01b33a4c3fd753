import { expect, test } from 'vitest'
import { LlmError, type LlmFault } from '../llm/llm.ts'
import { createScripted, type Script } from '../llm/scripted.ts'
import { createModelHealth } from './model-health.ts'

const request = { system: '', messages: [], maxOutputTokens: 1, signal: new AbortController().signal }

function setUp() {
  const time = { now: 0 }
  const health = createModelHealth({ now: () => time.now })
  const ask = async (script: Script): Promise<void> => {
    try {
      for await (const _ of health.watch(createScripted([script], 'openai/gpt')).stream(request));
    } catch (error) {
      expect(error).toBeInstanceOf(LlmError)
    }
  }
  const fail = (fault: LlmFault) => ask({ fault })
  return { health, ask, fail, time, kind: () => health.trouble()?.kind }
}

test('a refused key stays until a question is answered', async () => {
  const { fail, ask, kind, time, health } = setUp()
  expect(kind()).toBeUndefined()
  await fail('auth')
  time.now += 86_400_000
  expect(health.trouble()).toMatchObject({ kind: 'key', model: 'openai/gpt' })
  await fail('budget')
  expect(kind()).toBe('key')
  await ask({ say: ['yes'] })
  expect(kind()).toBeUndefined()
})

test('a fault of a moment is told for five minutes', async () => {
  const { fail, kind, time } = setUp()
  await fail('timeout')
  time.now += 299_999
  expect(kind()).toBe('slow')
  time.now += 1
  expect(kind()).toBeUndefined()
})

test('what the old key still has to say is not told of the new one', async () => {
  const { health, ask, fail, kind } = setUp()
  await fail('auth')
  health.forget()
  expect(kind()).toBeUndefined()
  const { promise: after, resolve } = Promise.withResolvers<void>()
  const late = ask({ fault: 'auth', after })
  health.forget()
  resolve()
  await late
  expect(kind()).toBeUndefined()
})
