import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dayOf } from '../../src/model/calendar.ts'
import { textsOf } from '../../src/model/texts/texts.ts'
import { type DatabaseOptions, openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { watchDay } from '../support/budget.ts'
import { createDatabase, databaseKinds } from '../support/stores.ts'

/** Only output costs, so that the worst case of a call does not depend on its prompt: 16 tokens of 1,000 each. */
const worst = 16_000
const tokens = ['This answer is streamed, ', 'and long enough to be sure of itself.']
const said = tokens.join('')
const { key, model } = fakeVendors.openai

let models: FakeModels
beforeAll(async () => {
  models = await createFakeModels()
})
afterAll(() => models.close())

describe.each(databaseKinds)('the budget on %s', (kind) => {
  let place: { options: DatabaseOptions; drop(): Promise<void> }
  let reader: Store
  let running: TestApp[] = []
  let charged = 0

  beforeEach(async () => {
    place = await createDatabase(kind)
    reader = await openStore(place.options, { onConnectionError: () => undefined })
    charged = 0
  })
  afterEach(async () => {
    await Promise.all(running.map((one) => one.close()))
    running = []
    await reader.close()
    await place.drop()
  })

  /** The model counts what it charges, whatever becomes of it. */
  const modelUses = (output: number, more: { firstTokenMs?: number } = {}): void =>
    models.always(() => {
      charged += output * 1000
      return { tokens, usage: { input: 30, output, cached: 0 }, ...more }
    })

  async function boot(dailyUsd: number, more: Partial<Parameters<typeof bootApp>[0]> = {}): Promise<TestApp> {
    const { options } = place
    const booted = await bootApp({
      settings: {
        models: { max_output_tokens: 16, context_tokens: 4000, budget: { daily: dailyUsd } },
        pipeline: { concurrency: 600 },
      },
      env: {
        ...(options.kind === 'sqlite' ? { DATABASE_PATH: options.path } : { DATABASE_URL: options.url }),
        AI_PROVIDER: 'openai',
        AI_MODEL: model,
        AI_PRICE: '0/1000',
        OPENAI_API_KEY: key,
        OPENAI_BASE_URL: models.baseUrl('openai'),
      },
      ...more,
    })
    running.push(booted)
    return booted
  }

  const ask = async ({ app }: TestApp): Promise<string> => {
    const { replies } = await app.call('Tell me something, please.', () => undefined)
    return replies.map(({ text }) => text).join('\n')
  }
  const answersOf = async (apps: TestApp[], count: number) => {
    const all = await Promise.all(
      Array.from({ length: count }, (_, index) => ask(apps[index % apps.length] as TestApp)),
    )
    const good = all.filter((text) => text.includes(said)).length
    const honest = all.filter((text) => text.includes(textsOf('en').budgetSpent)).length
    return { good, honest }
  }
  const today = () => reader.read.budget.day(dayOf(Date.now(), 'UTC'))

  test('five hundred turns at once, money for fifty: fifty answers, four hundred and fifty honest ones', async () => {
    modelUses(16, { firstTokenMs: 20 })
    const app = await boot((50 * worst) / 1e6)
    const watch = watchDay(reader, dayOf(Date.now(), 'UTC'))
    const answers = await answersOf([app], 500)
    const { highest, looks } = await watch.end()
    expect(answers).toEqual({ good: 50, honest: 450 })
    expect(charged).toBe(50 * worst)
    expect(highest).toBe(50 * worst)
    expect(looks).toBeGreaterThan(20)
    expect(await today()).toMatchObject({ spentMicroUsd: 50 * worst, reservedMicroUsd: 0, calls: 50 })
  })

  test('what was reserved too much is used by those who wait for it: nobody is refused while there is money', async () => {
    modelUses(4, { firstTokenMs: 20 })
    const limit = 20 * worst
    const app = await boot(limit / 1e6)
    const watch = watchDay(reader, dayOf(Date.now(), 'UTC'))
    const { good, honest } = await answersOf([app], 200)
    // The last one to fit leaves less than a worst case.
    expect(good).toBe(Math.floor((limit - worst) / 4000) + 1)
    expect(good + honest).toBe(200)
    expect((await watch.end()).highest).toBeLessThanOrEqual(limit)
    expect(await today()).toMatchObject({ spentMicroUsd: good * 4000, reservedMicroUsd: 0 })
    expect(charged).toBe(good * 4000)
  })

  test('two processes share one budget', async () => {
    modelUses(16, { firstTokenMs: 10 })
    const apps = [await boot((20 * worst) / 1e6), await boot((20 * worst) / 1e6)]
    const watch = watchDay(reader, dayOf(Date.now(), 'UTC'))
    expect(await answersOf(apps, 100)).toEqual({ good: 20, honest: 80 })
    expect((await watch.end()).highest).toBe(20 * worst)
    expect(charged).toBe(20 * worst)
  })

  test('a failed try is reserved and settled like any other, and one refused costs nothing', async () => {
    modelUses(4)
    const app = await boot(1, {})
    models.next({ fault: { kind: 'status', status: 400 } })
    expect(await ask(app)).toContain(textsOf('en').modelUnavailable)
    await expect.poll(today).toMatchObject({ spentMicroUsd: 0, reservedMicroUsd: 0, calls: 0 })
    models.next({ tokens, fault: { kind: 'nonsense' } })
    expect(await ask(app)).toContain(textsOf('en').modelUnavailable)
    // What a failed try costs is settled by itself, soon.
    await expect.poll(today).toMatchObject({ spentMicroUsd: worst, reservedMicroUsd: 0, calls: 1 })
    models.next({ usage: 'none' })
    await ask(app)
    expect(await today()).toMatchObject({ spentMicroUsd: 2 * worst, calls: 2 })
  })

  test('the cost is in the turn, and what nobody asks costs nothing', async () => {
    modelUses(4)
    const { app } = await boot(1)
    expect(await today()).toBeUndefined()
    const { turn } = await app.call('Tell me something, please.', () => undefined)
    expect(turn).toMatchObject({ costMicroUsd: 4000, outputTokens: 4 })
    expect(turn.trace).toMatchObject({ usage: { costMicroUsd: 4000 } })
    await app.call('/help', () => undefined)
    expect(await today()).toMatchObject({ spentMicroUsd: 4000, inputTokens: 30, outputTokens: 4, calls: 1 })
  })

  test('no money is no question, and the trace says so', async () => {
    modelUses(4)
    const { app } = await boot(0)
    const before = models.requests.length
    const { replies, turn } = await app.call('Tell me something, please.', () => undefined)
    expect(replies[0]?.text).toContain(textsOf('en').budgetSpent)
    expect(replies[0]?.buttons?.flat().map(({ action }) => action)).toContain('human:request')
    expect(JSON.stringify(turn.trace)).toContain('budget_spent')
    expect(models.requests.length).toBe(before)
    expect(await today()).toBeUndefined()
  })

  test('a larger budget takes effect at once', async () => {
    modelUses(16)
    const running = await boot(worst / 1e6)
    expect(await ask(running)).toBe(said)
    expect(await ask(running)).not.toContain(said)
    running.app.reload(running.configWith({ LLM_DAILY_BUDGET_USD: String((2 * worst) / 1e6) }), ['models'])
    expect(await ask(running)).toBe(said)
    expect(await ask(running)).not.toContain(said)
  })

  test('a new day begins at midnight of the tenant, and a clock turned back finds the old one', async () => {
    modelUses(16)
    // A quarter to midnight in Kathmandu.
    let now = Date.parse('2026-11-20T18:00:00Z')
    const zone = 'Asia/Kathmandu'
    const settings = {
      timezone: zone,
      models: { max_output_tokens: 16, budget: { daily: worst / 1e6 } },
    }
    const app = await boot(0, { settings, clock: { now: () => now } })
    expect(await ask(app)).toBe(said)
    expect(await ask(app)).not.toContain(said)
    now += 15 * 60_000
    expect(await ask(app)).toBe(said)
    expect(await ask(app)).not.toContain(said)
    now -= 16 * 60_000
    expect(await ask(app)).not.toContain(said)
    const days = await reader.read.budget.latest(10)
    expect(days.map(({ day, spentMicroUsd }) => [day, spentMicroUsd])).toEqual([
      ['2026-11-21', worst],
      ['2026-11-20', worst],
    ])
  })
})
