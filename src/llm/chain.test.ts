import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFakeModels, type FakeModels } from '../../test/fakes/model/server.ts'
import { type FakeProvider, fakeVendors } from '../../test/fakes/model/vendors.ts'
import { createChain, type PricedModel } from './chain.ts'
import type { LlmAttempt, LlmPart } from './llm.ts'
import type { Purse } from './purse.ts'

let fake: FakeModels
beforeAll(async () => {
  fake = await createFakeModels()
})
beforeEach(() => fake.always({}))
afterAll(() => fake.close())

const free = { input: 0, cachedInput: 0, output: 0 }
/** Nobody who asks a free model may look into it. */
const purse: Purse = {
  reserve: async () => {
    throw new Error('a free model needs no money')
  },
  settle: () => undefined,
}

const patience = {
  tries: 3,
  backoffMs: [2_000, 10_000],
  retryShare: 1,
  breaker: { failures: 3, restMs: 30_000 },
} as const

const settingsOf = (provider: FakeProvider): PricedModel => ({
  provider,
  model: fakeVendors[provider].model,
  apiKey: fakeVendors[provider].key,
  baseUrl: fake.baseUrl(provider),
  price: free,
})

async function ask(providers: FakeProvider[], timeoutMs = 30_000) {
  const waits: number[] = []
  const attempts: LlmAttempt[] = []
  const parts: LlmPart[] = []
  const sleep = async (ms: number): Promise<void> => void waits.push(ms)
  const chain = createChain(providers.map(settingsOf), {
    ...patience,
    timeoutMs,
    purse,
    sleep,
  })
  if (!chain) throw new Error('no chain')
  const messages = [{ role: 'user' as const, text: 'hi' }]
  const signal = new AbortController().signal
  const request = { system: '', messages, maxOutputTokens: 50, signal, onAttempt: attemptsOf(attempts) }
  let error: unknown
  try {
    for await (const part of chain.stream(request)) parts.push(part)
  } catch (reason) {
    error = reason
  }
  await chain.close()
  const outcomes = attempts.map((attempt) => `${attempt.model} ${attempt.outcome}`)
  return { waits, outcomes, parts, last: parts.at(-1), error }
}

const attemptsOf = (attempts: LlmAttempt[]) => (attempt: LlmAttempt) => void attempts.push(attempt)

describe('createChain', () => {
  test('without a model there is none', () => {
    expect(createChain([], { ...patience, timeoutMs: 1000, purse })).toBeUndefined()
  })

  test('a broken endpoint setting is told at once', () => {
    const settings: PricedModel = {
      provider: 'compatible',
      model: 'x',
      apiKey: '',
      baseUrl: undefined,
      price: free,
    }
    expect(() => createChain([settings], { ...patience, timeoutMs: 1000, purse })).toThrow('base URL')
  })

  test('tries the first, then the next provider, and says what happened', async () => {
    fake.always(({ provider }) =>
      provider === 'anthropic' ? { fault: { kind: 'status', status: 529 } } : { tokens: ['from Google'] },
    )
    const { outcomes, parts, waits } = await ask(['anthropic', 'google'])
    const tried = 'anthropic/claude-fake unavailable'
    expect(outcomes).toEqual([tried, tried, 'google/gemini-fake ok'])
    expect(waits).toHaveLength(1)
    expect(parts).toMatchObject([{ text: 'from Google' }, { type: 'finish', model: 'google/gemini-fake' }])
  })

  test('a stream cut in the middle is begun anew', async () => {
    fake.next({ tokens: ['Hel', 'lo'], tokenMs: 20, fault: { kind: 'cut', after: 2 } })
    const { parts, last } = await ask(['openai'])
    const restart = parts.findIndex((part) => part.type === 'restart')
    expect(restart).toBeGreaterThan(0)
    const after = parts.slice(restart).map((part) => (part.type === 'text' ? part.text : ''))
    expect(after.join('')).toBe('Hello, world!')
    expect(last).toMatchObject({ type: 'finish', reason: 'stop' })
  })

  test('a hanging provider leaves time for the next', async () => {
    fake.always(({ provider }) => (provider === 'deepseek' ? { fault: { kind: 'hang' } } : {}))
    const { outcomes, last } = await ask(['deepseek', 'longcat'], 2_000)
    expect(outcomes).toEqual(['deepseek/deepseek-fake timeout', 'longcat/LongCat-Fake ok'])
    expect(last?.type).toBe('finish')
  })

  test.each<FakeProvider[][]>([[['compatible']], [['openai', 'compatible']]])(
    'nobody waits behind the last of %s: it may be silent for long',
    async (providers) => {
      fake.always(({ provider }) =>
        provider === 'openai' ? { fault: { kind: 'status', status: 401 } } : { firstTokenMs: 1_500 },
      )
      const { outcomes } = await ask(providers, 3_000)
      expect(outcomes.at(-1)).toBe('compatible/llama-fake ok')
    },
  )

  test('a wrong key goes on to the next provider without another try', async () => {
    fake.setKey('openai', 'rotated')
    const { outcomes } = await ask(['openai', 'compatible'])
    fake.setKey('openai', fakeVendors.openai.key)
    expect(outcomes).toEqual(['openai/gpt-fake auth', 'compatible/llama-fake ok'])
  })

  test('all of them failing is one honest error within the time', async () => {
    fake.always({ fault: { kind: 'hang' } })
    const began = performance.now()
    const { outcomes, error } = await ask(['anthropic', 'openai', 'google'], 600)
    expect(error).toMatchObject({ fault: 'timeout' })
    expect(performance.now() - began).toBeLessThan(10_000)
    expect(new Set(outcomes.map((outcome) => outcome.split(' ')[1]))).toEqual(new Set(['timeout']))
  })
})
