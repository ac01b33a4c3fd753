import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { textsOf } from '../../src/model/texts/texts.ts'
import type { Behaviour } from '../fakes/model/behaviour.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { type FakeProvider, fakeVendors } from '../fakes/model/vendors.ts'
import { bootApp, type TestApp } from '../support/app.ts'

const providers = Object.keys(fakeVendors) as FakeProvider[]
const said = 'This answer is streamed, and long enough to be sure of itself.'
const tokens = said.split(/(?<= )/)
const settings = { models: { timeout: '1s', backoff: { first: '10ms', longest: '20ms' } } }

let models: FakeModels
let running: TestApp | undefined
beforeAll(async () => {
  models = await createFakeModels()
})
afterEach(async () => {
  models.always({})
  await running?.close()
  running = undefined
})
afterAll(() => models.close())

function environmentOf(...chain: FakeProvider[]): Record<string, string> {
  const named = chain.flatMap((provider) => {
    const name = provider.toUpperCase()
    return [
      [`${name}_API_KEY`, fakeVendors[provider].key],
      [`${name}_BASE_URL`, models.baseUrl(provider)],
    ]
  })
  return {
    AI_PROVIDER: chain.join(','),
    AI_MODEL: chain.map((provider) => fakeVendors[provider].model).join(','),
    AI_PRICE: chain.map(() => '1/0.1/5').join(','),
    ...Object.fromEntries(named),
  }
}

async function boot(...chain: FakeProvider[]): Promise<TestApp> {
  running = await bootApp({ settings, env: environmentOf(...chain) })
  return running
}

async function ask({ app }: TestApp) {
  const previews: string[] = []
  const { replies, turn } = await app.call('Tell me something, please.', (text) => previews.push(text))
  return {
    text: replies.map((reply) => reply.text).join('\n'),
    previews,
    turn,
    trace: JSON.stringify(turn.trace),
  }
}

describe.each(providers)('%s', (provider) => {
  test('streams an answer, counted in the trace', async () => {
    models.always({ tokens, tokenMs: 30, usage: { input: 31, output: 12, cached: 0 } })
    const { text, previews, turn } = await ask(await boot(provider))
    expect(text).toBe(said)
    expect(turn).toMatchObject({ source: 'assistant', confidence: 0.9, inputTokens: 31, outputTokens: 12 })
    expect(turn.trace).toMatchObject({ model: `${provider}/${fakeVendors[provider].model}`, finish: 'stop' })
    expect(previews.length).toBeGreaterThan(2)
    for (const preview of previews) expect(said.startsWith(preview)).toBe(true)
  })

  const faults: [fault: string, behaviour: Behaviour, tries: number][] = [
    ['rate_limited', { fault: { kind: 'status', status: 429 } }, 3],
    ['unavailable', { fault: { kind: 'status', status: 500 } }, 3],
    ['auth', { fault: { kind: 'status', status: 401 } }, 1],
    ['cut', { tokens, fault: { kind: 'cut', after: 2 } }, 3],
    ['empty', { tokens: [] }, 3],
    ['timeout', { fault: { kind: 'hang' } }, 3],
  ]
  test.each(faults)('%s: an honest reply, and the trace says why', async (fault, behaviour, tries) => {
    models.always(behaviour)
    const app = await boot(provider)
    const before = models.requests.length
    const { text, turn, trace } = await ask(app)
    expect(text).toContain(textsOf('en')[fault === 'auth' ? 'assistantAway' : 'modelUnavailable'])
    expect(turn.source).toBe('fallback')
    expect(trace).toContain(`"${fault}"`)
    expect(models.requests.length - before).toBeLessThanOrEqual(tries)
  })
})

describe('several providers', () => {
  test.each<[string, Behaviour]>([
    ['fails', { fault: { kind: 'status', status: 500 } }],
    ['has a wrong key', { fault: { kind: 'status', status: 401 } }],
    ['hangs', { fault: { kind: 'hang' } }],
    ['breaks off in the middle', { tokens, fault: { kind: 'cut', after: 3 } }],
    ['says nothing', { tokens: [] }],
  ])('when the first %s, the next takes over', async (_, behaviour) => {
    models.always(({ provider }) => (provider === 'anthropic' ? behaviour : { tokens }))
    const { text, turn, trace } = await ask(await boot('anthropic', 'google'))
    expect(text).toBe(said)
    expect(turn.trace).toMatchObject({ model: 'google/gemini-fake' })
    expect(trace).toContain('anthropic/claude-fake')
  })

  test('a new key is used without a restart', async () => {
    models.always({ tokens })
    models.setKey('openai', 'sk-fake-rotated-key')
    const running = await boot('openai')
    const read = async (path: string) =>
      JSON.parse(await (await fetch(`${running.app.address}${path}`)).text())
    expect((await read('/health')).checks.assistant).toEqual({ status: 'up', detail: 'openai/gpt-fake' })
    expect((await ask(running)).turn.source).toBe('fallback')
    const health = await read('/health')
    expect(health).toMatchObject({ status: 'degraded', checks: { assistant: { status: 'down' } } })
    expect(health.checks.assistant.detail).toMatch(
      /^openai\/gpt-fake does not answer: its key is refused; set OPENAI_API_KEY/,
    )
    const status = await read('/api/status')
    expect(status).toMatchObject({ model: 'openai/gpt-fake', modelFault: 'key' })
    expect(JSON.stringify([health, status])).not.toContain(fakeVendors.openai.key)
    running.app.reload(running.configWith({ OPENAI_API_KEY: 'sk-fake-rotated-key' }), ['models'])
    expect((await read('/health')).status).toBe('ok')
    expect((await ask(running)).text).toBe(said)
    expect(await read('/api/status')).toMatchObject({ modelFault: null })
    models.setKey('openai', fakeVendors.openai.key)
  })

  test('where the budget is spent a free one answers, and is the one that is shown', async () => {
    models.always({ tokens: [said], usage: { input: 30, output: 16, cached: 0 } })
    const limits = { max_output_tokens: 16, context_tokens: 4000, budget: { daily: 0.02 } }
    const env = { ...environmentOf('openai', 'compatible'), AI_PRICE: '0/0/1000,free' }
    running = await bootApp({ settings: { models: { ...settings.models, ...limits } }, env })
    const { address } = running.app
    const read = async (path: string) => JSON.parse(await (await fetch(`${address}${path}`)).text())
    const [paid, free] = [`openai/${fakeVendors.openai.model}`, `compatible/${fakeVendors.compatible.model}`]
    expect((await ask(running)).turn.trace).toMatchObject({ model: paid })
    expect(await read('/api/status')).toMatchObject({ model: paid, modelFault: null })
    expect((await ask(running)).turn.trace).toMatchObject({ model: free })
    // What is spent is looked up once a second.
    await expect
      .poll(() => read('/api/status'), { timeout: 5000 })
      .toMatchObject({ model: free, modelFault: null })
    expect(await read('/health')).toMatchObject({
      status: 'ok',
      checks: { assistant: { status: 'up', detail: expect.stringMatching(`^${free}: [^]* did not fit`) } },
    })
  })

  test('without any model it says so and lists what it can do', async () => {
    running = await bootApp({ settings: {} })
    const { text, turn } = await ask(running)
    expect(text).toContain(textsOf('en').noModel)
    expect(turn.source).toBe('fallback')
  })
})
