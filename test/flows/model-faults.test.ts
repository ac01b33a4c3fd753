import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CallResult } from '../../src/app/call.ts'
import { textsOf } from '../../src/model/texts/texts.ts'
import type { Behaviour, Fault } from '../fakes/model/behaviour.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { type FakeProvider, fakeVendors } from '../fakes/model/vendors.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { dayOf } from '../../src/model/calendar.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { freePort } from '../support/servers/server.ts'

const said = 'This answer is streamed, and long enough to be sure of itself.'
const tokens = said.split(/(?<= )/)
/** For each kind, over three providers; every answer may take a second. */
const times = 51
const providers = ['anthropic', 'openai', 'google'] as const
const timeoutMs = 1000
const restMs = 300
const limitMicroUsd = 5_000_000

const broken = (fault: Fault): Behaviour => ({ tokens, fault })
const kinds: { kind: string; outcome: string; behaviour: Behaviour; port?: number; tries: number }[] = [
  { kind: '500', outcome: 'unavailable', behaviour: broken({ kind: 'status', status: 500 }), tries: 3 },
  { kind: '429', outcome: 'rate_limited', behaviour: broken({ kind: 'status', status: 429 }), tries: 3 },
  { kind: 'refused connection', outcome: 'unavailable', behaviour: {}, port: await freePort(), tries: 3 },
  { kind: 'hang', outcome: 'timeout', behaviour: broken({ kind: 'hang' }), tries: 1 },
  {
    kind: 'slow',
    outcome: 'timeout',
    behaviour: { tokens: Array.from({ length: 50 }, () => 'so '), tokenMs: 100 },
    tries: 1,
  },
  { kind: 'cut stream', outcome: 'cut', behaviour: broken({ kind: 'cut', after: 2 }), tries: 3 },
  { kind: 'nonsense', outcome: 'invalid', behaviour: broken({ kind: 'nonsense' }), tries: 1 },
  { kind: 'empty', outcome: 'empty', behaviour: { tokens: [] }, tries: 1 },
  { kind: '10 MB', outcome: 'invalid', behaviour: broken({ kind: 'line', bytes: 10_000_000 }), tries: 1 },
  { kind: 'wrong tool call', outcome: 'empty', behaviour: broken({ kind: 'tool' }), tries: 1 },
]

let models: FakeModels
let running: TestApp
let reader: Store
let calls = 0

beforeAll(async () => {
  models = await createFakeModels()
  running = await bootApp({
    settings: {
      models: {
        timeout: `${timeoutMs}ms`,
        backoff: { first: '10ms', longest: '20ms' },
      },
      pipeline: { concurrency: 600 },
    },
    env: { ...environmentOf('openai'), LLM_DAILY_BUDGET_USD: String(limitMicroUsd / 1e6) },
  })
  reader = await openStore(running.config.database, { onConnectionError: () => undefined })
})
afterAll(async () => {
  await reader.close()
  await running.close()
  await models.close()
})

function environmentOf(provider: FakeProvider, port?: number): Record<string, string> {
  const name = provider.toUpperCase()
  return {
    AI_PROVIDER: provider,
    AI_MODEL: fakeVendors[provider].model,
    AI_PRICE: '1/0.1/5',
    [`${name}_API_KEY`]: fakeVendors[provider].key,
    [`${name}_BASE_URL`]: port === undefined ? models.baseUrl(provider) : `http://127.0.0.1:${port}`,
  }
}

/** From now on this provider is asked, of which nothing is known yet. */
function takeUp(provider: FakeProvider, port?: number, breaker = { failures: 3, restMs }): void {
  const config = running.configWith(environmentOf(provider, port))
  running.app.reload({ ...config, models: { ...config.models, breaker } }, ['models'])
}

/** What every request gets, counted. */
const always = (script: () => Behaviour): void => {
  calls = 0
  models.always(() => {
    calls += 1
    return script()
  })
}

interface Try {
  outcome: string
  error?: string
  repeated?: true
}

async function ask() {
  const began = performance.now()
  const { replies, turn } = await running.app.call('Tell me something, please.', () => undefined)
  return {
    text: replies.map((reply) => reply.text).join('\n'),
    tries: triesOf(turn),
    trace: turn.trace,
    ms: performance.now() - began,
  }
}

/** Of an answer, or of the assistant that had none. */
function triesOf({ trace }: CallResult['turn']): Try[] {
  const { tries, asked } = trace as {
    tries?: Try[]
    asked: { name: string; trace?: { tries: Try[] } }[]
  }
  return tries ?? asked.find(({ name }) => name === 'assistant')?.trace?.tries ?? []
}

const askAll = (count: number) => Promise.all(Array.from({ length: count }, ask))

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${running.app.address}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

describe('fifty times each', () => {
  test.each(kinds)('$kind: an honest reply in time, and the trace says why', async (fault) => {
    always(() => fault.behaviour)
    let longest = 0
    for (const provider of providers) {
      takeUp(provider, fault.port)
      const model = `${provider}/${fakeVendors[provider].model}`
      for (const { text, tries, ms } of await askAll(times / providers.length)) {
        expect(text).toContain(textsOf('en').modelUnavailable)
        expect(tries.length).toBeLessThanOrEqual(fault.tries)
        const error = expect.stringMatching(/\w/)
        expect(tries.at(-1)).toMatchObject({ model, outcome: fault.outcome, error })
        longest = Math.max(longest, ms)
      }
    }
    expect(longest).toBeLessThan(30_000)
    process.stdout.write(`${fault.kind}: ${times} answered, the last after ${Math.round(longest)} ms\n`)
  })

  test('10 MB of good text: what fits is told, with an offer of more', async () => {
    always(() => ({ tokens: Array.from({ length: 160 }, () => 'so '.repeat(22_000)) }))
    takeUp('openai')
    for (const { text, trace } of await askAll(5)) {
      expect(text.length).toBeLessThan(11_000)
      expect(text).toContain('so so')
      expect(text).toContain(textsOf('en').offerRephraseOrHuman)
      expect(trace).toMatchObject({ finish: 'length' })
    }
  })
})

describe('a provider that fails often', () => {
  /** Every second request goes wrong in one of the ways, seeded. */
  const mixed = (): (() => Behaviour) => {
    let state = 20_261_126
    const ways = kinds.filter(({ port }) => port === undefined)
    return () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      const nth = Math.floor((state / 2 ** 32) * 2 * ways.length)
      return ways[nth]?.behaviour ?? { tokens }
    }
  }

  test('of a mixed load at most one call in ten is a try repeated, whatever fails', async () => {
    always(mixed())
    const before = await metric('llm_retries_total')
    // Without a breaker the number of tries is all that holds it.
    takeUp('openai', undefined, { failures: 1_000_000, restMs })
    const all = []
    for (let round = 0; round < 5; round += 1) all.push(...(await askAll(100)))
    const repeated = all.flatMap(({ tries }) => tries).filter((one) => one.repeated).length
    const good = all.filter(({ text }) => text === said).length
    process.stdout.write(`mixed: 500 asked, ${good} good, ${calls} calls, ${repeated} of them repeated\n`)
    for (const { text, tries } of all) {
      expect(text === said || text.includes(textsOf('en').modelUnavailable)).toBe(true)
      expect(tries.length).toBeLessThanOrEqual(3)
    }
    expect((await metric('llm_retries_total')) - before).toBe(repeated)
    expect(repeated).toBeGreaterThan(5)
    expect(repeated).toBeLessThanOrEqual(calls / 10)
    expect(good).toBeGreaterThan(100)
  })

  test('is left alone after three failures, tried by one, and taken back when it is well', async () => {
    let well = false
    always(() => (well ? { tokens } : broken({ kind: 'status', status: 500 })))
    takeUp('openai')
    for (let count = 0; count < 3; count += 1) await ask()
    expect(await metric('llm_breaker_open')).toBe(1)
    calls = 0
    const { text, tries, ms } = await ask()
    expect(text).toContain(textsOf('en').modelUnavailable)
    expect(tries).toMatchObject([{ error: expect.stringContaining('left alone after 3 failures') }])
    expect(ms).toBeLessThan(timeoutMs)
    expect(calls).toBe(0)

    await setTimeout(restMs)
    const tried = await askAll(20)
    expect(tried.every((one) => one.text.includes(textsOf('en').modelUnavailable))).toBe(true)
    expect(calls).toBeGreaterThan(0)
    expect(calls).toBeLessThanOrEqual(3)

    well = true
    await setTimeout(restMs)
    expect((await ask()).text).toBe(said)
    expect(await metric('llm_breaker_open')).toBe(0)
    expect((await askAll(50)).every(({ text }) => text === said)).toBe(true)
  })
})

test('after all of it the budget holds, and nothing stays reserved', async () => {
  const day = () => reader.read.budget.day(dayOf(Date.now(), 'UTC'))
  await expect.poll(async () => (await day())?.reservedMicroUsd).toBe(0)
  const spent = (await day())?.spentMicroUsd ?? 0
  expect(spent).toBeGreaterThan(0)
  expect(spent).toBeLessThanOrEqual(limitMicroUsd)
})
