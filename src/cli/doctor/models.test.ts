import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Behaviour } from '../../../test/fakes/model/behaviour.ts'
import { createFakeModels, type FakeModels } from '../../../test/fakes/model/server.ts'
import { type FakeProvider, fakeVendors } from '../../../test/fakes/model/vendors.ts'
import type { ModelConfig } from '../../config/config.ts'
import { checkModels } from './models.ts'

let fake: FakeModels
beforeAll(async () => {
  fake = await createFakeModels()
})
afterEach(() => fake.always({}))
afterAll(() => fake.close())

function modelOf(provider: FakeProvider, changes: Partial<ModelConfig> = {}): ModelConfig {
  const { key, model } = fakeVendors[provider]
  const price = { input: 0, cachedInput: 0, output: 0 }
  return { provider, model, apiKey: key, baseUrl: fake.baseUrl(provider), price, ...changes }
}

const budget = { dailyMicroUsd: 1_000_000, warnAtMicroUsd: 800_000 }
const every = Object.keys(fakeVendors) as FakeProvider[]

test('none is a warning', async () => {
  expect(await checkModels({ budget, chain: [] })).toMatchObject([
    { status: 'warn', next: expect.stringMatching(/API_KEY/) },
  ])
})

test('each model is asked once, for little', async () => {
  const before = fake.requests.length
  const items = await checkModels({ budget, chain: every.map((provider) => modelOf(provider)) })
  for (const [index, provider] of every.entries()) {
    expect(items[index]).toMatchObject({ name: 'model', status: 'ok' })
    expect(items[index]?.found).toMatch(new RegExp(`^${provider}/\\S+ answers after \\d+ ms$`))
  }
  const asked = fake.requests.slice(before)
  expect(asked).toHaveLength(every.length)
  for (const { body } of asked) expect(JSON.stringify(body).length).toBeLessThan(300)
})

describe.each(every)('%s', (provider) => {
  test('a wrong key names the setting and never the key', async () => {
    const apiKey = 'sk-wrong-key-of-tests-0123456789'
    const [item] = await checkModels({ budget, chain: [modelOf(provider, { apiKey })] })
    expect(item).toMatchObject({
      status: 'fail',
      next: expect.stringContaining(`${provider.toUpperCase()}_API_KEY`),
    })
    expect(item?.found).toMatch(/^\S+: HTTP 40\d: the key is refused/)
    expect(JSON.stringify(item)).not.toContain('wrong-key')
  })

  test('an unknown model names the setting', async () => {
    const [item] = await checkModels({ budget, chain: [modelOf(provider, { model: 'no-such-thing' })] })
    expect(item).toMatchObject({ status: 'fail', next: expect.stringContaining('AI_MODEL') })
    expect(item?.found).toMatch(/^\S+\/no-such-thing: HTTP 40\d: .*no-such-thing/)
  })
})

const troubles: [string, FakeProvider, Behaviour, string, RegExp][] = [
  ['an empty account', 'deepseek', status(402), 'fail', /out of credit/],
  ['another', 'openai', status(429, 'insufficient_quota'), 'fail', /out of credit/],
  ['a third', 'anthropic', status(400, undefined, 'Your credit balance is too low'), 'fail', /out of credit/],
  ['haste', 'openai', status(429), 'warn', /wait a minute/],
  ['a provider that is down', 'google', status(503), 'warn', /try again later/],
  ['a provider that breaks off', 'google', { fault: { kind: 'cut', after: 0 } }, 'warn', /try again later/],
  ['silence', 'anthropic', { fault: { kind: 'hang' } }, 'fail', /try again; if it stays/],
  [
    'another kind of server',
    'compatible',
    { fault: { kind: 'type', contentType: 'text/html' } },
    'fail',
    /BASE_URL/,
  ],
  ['thoughts without words', 'openai', { tokens: [], finish: 'length' }, 'ok', /^$/],
]

function status(code: number, word?: string, message?: string): Behaviour {
  return { fault: { kind: 'status', status: code, ...(word && { code: word }), ...(message && { message }) } }
}

test.each(troubles)('%s', async (_name, provider, behaviour, expected, next) => {
  fake.always(behaviour)
  const timeoutMs = behaviour.fault?.kind === 'hang' ? 300 : 5000
  const [item] = await checkModels({ budget, chain: [modelOf(provider)] }, { timeoutMs })
  expect(item?.status).toBe(expected)
  expect(item?.next ?? '').toMatch(next)
})

test('an address nobody listens at', async () => {
  const [item] = await checkModels({
    budget,
    chain: [modelOf('compatible', { baseUrl: 'http://127.0.0.1:1/v1' })],
  })
  expect(item).toMatchObject({
    status: 'fail',
    found: 'compatible/llama-fake: no connection (ECONNREFUSED)',
    next: expect.stringContaining('COMPATIBLE_BASE_URL'),
  })
})

test('offline, only a model on this machine that costs nothing is asked', async () => {
  const before = fake.requests.length
  const price = { input: 1, cachedInput: 1, output: 1 }
  const chain = [
    modelOf('compatible'),
    modelOf('compatible', { model: 'gateway', price }),
    modelOf('anthropic', { baseUrl: undefined }),
  ]
  const items = await checkModels({ budget, chain }, { offline: true })
  expect(items).toMatchObject([
    { status: 'ok' },
    { status: 'skip', found: 'compatible/gateway not asked' },
    { status: 'skip', found: 'anthropic/claude-fake not asked' },
  ])
  expect(fake.requests.length - before).toBe(1)
})

test('what costs is not asked where nothing may be spent', async () => {
  const before = fake.requests.length
  const price = { input: 1, cachedInput: 1, output: 1 }
  const chain = [modelOf('openai', { price }), modelOf('compatible')]
  const items = await checkModels({ chain, budget: { ...budget, dailyMicroUsd: 0 } })
  expect(items).toMatchObject([
    { status: 'skip', found: expect.stringMatching(/not asked$/) },
    { status: 'ok' },
  ])
  expect(fake.requests.length - before).toBe(1)
})
