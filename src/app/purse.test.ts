import { describe, expect, test, vi } from 'vitest'
import { says, scriptedLlm } from '../../test/support/llm.ts'
import { createTestStore } from '../../test/support/stores.ts'
import { messageOf, turnOf } from '../../test/support/turn.ts'
import { createAssistant } from '../answers/assistant/assistant.ts'
import { withBudget } from '../llm/budgeted.ts'
import type { Purse } from '../llm/purse.ts'
import { ParleyError } from '../model/errors.ts'
import type { Charge } from '../model/money.ts'
import type { Clock } from '../model/time.ts'
import { createEvents } from '../ops/events.ts'
import { createLog, silentLog } from '../ops/log.ts'
import { createMetrics } from '../ops/metrics.ts'
import type { Store } from '../store/store.ts'
import { createPurse, type LivePurse } from './purse.ts'

const signal = new AbortController().signal
const day = '2026-11-20'

interface Setup {
  purse: LivePurse
  store: Store
  logged: () => string
  later: (ms: number) => void
}

/** A purse of 100 micro-dollars on a database of its own. */
async function withPurse(
  work: (setup: Setup) => Promise<void>,
  wrap: (store: Store) => Pick<Store, 'read' | 'write' | 'gatherMs'> = (store) => store,
): Promise<void> {
  const place = await createTestStore('sqlite')
  let now = Date.parse(`${day}T12:00:00Z`)
  let log = ''
  const clock: Clock = { now: () => now }
  const events = createEvents({
    log: createLog('debug', (line) => (log += line)),
    metrics: createMetrics({ process: false }),
  })
  const purse = createPurse({
    store: wrap(place.store),
    budget: { dailyMicroUsd: 100, warnAtMicroUsd: 80 },
    zone: 'UTC',
    post: async () => undefined,
    events,
    clock,
    steady: clock,
    holder: 'test',
  })
  const later = (ms: number): void => void (now += ms)
  try {
    await work({ purse, store: place.store, logged: () => log, later })
  } finally {
    await purse.stop()
    await place.drop()
  }
}

const wanted = (microUsd: number, timeoutMs = 30_000) => ({ model: 'a/b', microUsd, timeoutMs, signal })
const chargeOf = (id: string | undefined, costMicroUsd: number, reservedMicroUsd = 60): Charge => ({
  id: id ?? '',
  model: 'a/b',
  reservedMicroUsd,
  costMicroUsd,
  inputTokens: 1,
  outputTokens: 1,
})

describe('a purse', () => {
  test('lets who comes too late wait for what others give back', () =>
    withPurse(async ({ purse }) => {
      const first = await purse.reserve(wanted(60))
      const second = purse.reserve(wanted(60))
      purse.settle(chargeOf(first, 5))
      expect(await second).toEqual(expect.any(String))
      expect(await purse.today()).toEqual({ spentMicroUsd: 5, limitMicroUsd: 100 })
    }))

  test('but not for ever, and not at all for what will never fit', () =>
    withPurse(async ({ purse, later }) => {
      expect(await purse.reserve(wanted(101))).toBeUndefined()
      await purse.reserve(wanted(60))
      const second = purse.reserve(wanted(60))
      setTimeout(later, 50, 15_000)
      expect(await second).toBeUndefined()
    }))

  test('gives up waiting when it is aborted', () =>
    withPurse(async ({ purse }) => {
      await purse.reserve(wanted(60))
      const controller = new AbortController()
      const second = purse.reserve({ ...wanted(60), signal: controller.signal })
      setTimeout(() => controller.abort(new Error('enough')), 20)
      await expect(second).rejects.toThrow('enough')
    }))

  test('goes by a new limit at once', () =>
    withPurse(async ({ purse, store }) => {
      purse.change({ dailyMicroUsd: 0, warnAtMicroUsd: 0 })
      expect(await purse.reserve(wanted(1))).toBeUndefined()
      expect(await store.read.budget.day(day)).toBeUndefined()
      purse.change({ dailyMicroUsd: 500, warnAtMicroUsd: 400 })
      expect(await purse.reserve(wanted(400))).toEqual(expect.any(String))
    }))

  test('counts what a dead process left, when the time of its call is over', () =>
    withPurse(async ({ purse, store, later, logged }) => {
      await purse.reserve(wanted(60, 1000))
      later(10_999)
      purse.start()
      await purse.today()
      expect(await store.read.budget.day(day)).toMatchObject({ spentMicroUsd: 0, reservedMicroUsd: 60 })
      later(1)
      purse.start()
      await vi.waitFor(async () =>
        expect(await store.read.budget.day(day)).toMatchObject({ spentMicroUsd: 60, reservedMicroUsd: 0 }),
      )
      expect(logged()).toContain('"count":1,"usd":0.00006')
    }))

  test('says so when a call was dearer than its reservation', () =>
    withPurse(async ({ purse, logged }) => {
      purse.settle(chargeOf(await purse.reserve(wanted(60)), 90))
      await purse.stop()
      expect(await purse.today()).toMatchObject({ spentMicroUsd: 90 })
      expect(logged()).toMatch(/"level":"error"[^\n]*"reservedUsd":0.00006,"costUsd":0.00009/)
      expect(logged()).toContain('most of the budget for models is spent')
    }))

  test('passes on that the database is away, and keeps what it could not settle reserved', async () => {
    let away = false
    const wrap = (store: Store): Pick<Store, 'read' | 'write' | 'gatherMs'> => ({
      gatherMs: store.gatherMs,
      read: store.read,
      write: (work) => (away ? Promise.reject(new ParleyError('DATABASE_UNAVAILABLE')) : store.write(work)),
    })
    await withPurse(async ({ purse, store, logged }) => {
      const first = await purse.reserve(wanted(60))
      away = true
      await expect(purse.reserve(wanted(1))).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
      purse.settle(chargeOf(first, 5))
      await purse.stop()
      expect(logged()).toContain('"area":"budget"')
      expect(await store.read.budget.day(day)).toMatchObject({ spentMicroUsd: 0, reservedMicroUsd: 60 })
    }, wrap)
  })
})

describe('a summary', () => {
  const past = Array.from({ length: 60 }, (_, index) => messageOf('word '.repeat(100), { seq: index + 1 }))

  /** One micro-dollar a token. `asked`: what was reserved, in order. */
  async function answerWith(purse: Purse, clock: Clock) {
    const asked: number[] = []
    const watched: Purse = {
      settle: purse.settle,
      reserve(call) {
        if (!asked.includes(call.microUsd)) asked.push(call.microUsd)
        return purse.reserve(call)
      },
    }
    const price = { input: 1_000_000, cachedInput: 1_000_000, output: 1_000_000 }
    const model = scriptedLlm(says('Anna wants a shop.'), says('It costs twenty thousand dollars.'))
    const llm = withBudget(model, { price, purse: watched, clock, timeoutMs: 30_000 })
    const turn = turnOf(['Price?'], { past })
    const assistant = createAssistant({
      llm: () => llm,
      persona: 'You are Parley.',
      languages: ['en'],
      budget: { contextTokens: 2000, maxOutputTokens: 500, timeoutMs: 30_000 },
      takeCall: async () => undefined,
      clock,
      log: silentLog,
    })
    return { answer: await assistant.answer(turn), charges: turn.charges, asked }
  }

  test('does not keep from its answer the money that it did not need', () =>
    withPurse(async ({ purse, store, later }) => {
      const clock = { now: () => performance.now() }
      const free: Purse = { reserve: async () => 'free', settle: () => undefined }
      const [forSummary = 0, forAnswer = 0] = (await answerWith(free, clock)).asked
      const dailyMicroUsd = forSummary + forAnswer - 1
      purse.change({ dailyMicroUsd, warnAtMicroUsd: dailyMicroUsd })
      const impatient = setTimeout(later, 1000, 30_000)
      const { answer, charges } = await answerWith(purse, clock)
      clearTimeout(impatient)
      expect(answer?.usage).toMatchObject({ costMicroUsd: 240 })
      expect(charges).toMatchObject([{ costMicroUsd: 120 }])
      await store.write((tx) => purse.settleWithin(tx, charges))
      await purse.stop()
      expect(await store.read.budget.day(day)).toMatchObject({
        spentMicroUsd: 240,
        reservedMicroUsd: 0,
        calls: 2,
      })
    }))
})
