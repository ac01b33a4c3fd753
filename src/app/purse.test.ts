import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { says, scriptedLlm } from '../../test/support/llm.ts'
import { createTestStore, type DatabaseKind } from '../../test/support/stores.ts'
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
import type { Store, Writer } from '../store/store.ts'
import { createPurse, type LivePurse, type PurseNeeds } from './purse.ts'

const signal = new AbortController().signal
const day = '2026-11-20'

interface Setup {
  purse: LivePurse
  store: Store
  logged: () => string
  later: (ms: number) => void
}

interface Surroundings {
  kind?: DatabaseKind
  wrap?: (store: Store) => Pick<Store, 'read' | 'write' | 'gatherMs'>
  post?: PurseNeeds['post']
}

/** A purse of 100 micro-dollars on a database of its own. */
async function withPurse(
  work: (setup: Setup) => Promise<void>,
  { kind = 'sqlite', wrap = (store) => store, post = async () => undefined }: Surroundings = {},
): Promise<void> {
  const place = await createTestStore(kind)
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
    post,
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
      expect(await purse.today()).toEqual({ spentMicroUsd: 5, limitMicroUsd: 100, isExhausted: false })
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
      await vi.waitFor(() => expect(logged()).toContain('"count":1,"usd":0.00006'))
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
    await withPurse(
      async ({ purse, store, logged }) => {
        const first = await purse.reserve(wanted(60))
        away = true
        await expect(purse.reserve(wanted(1))).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
        purse.settle(chargeOf(first, 5))
        await purse.stop()
        expect(logged()).toContain('"area":"budget"')
        expect(await store.read.budget.day(day)).toMatchObject({ spentMicroUsd: 0, reservedMicroUsd: 60 })
      },
      { wrap },
    )
  })
})

describe('the note to the team', () => {
  const chat = { channel: 'telegram', account: 'bot', chatId: '-100', threadId: '', kind: 'group' } as const
  const say = async (tx: Writer, text: string): Promise<void> => {
    await tx.outbox.post(chat, { text, buttons: undefined }, 'queued', 1)
  }
  const post: PurseNeeds['post'] = (tx, { kind }) => say(tx, kind)
  const posted = async (store: Store): Promise<string[]> => {
    const { channel, account, chatId, threadId } = chat
    const found = await store.read.conversations.find(channel, account, chatId, threadId)
    const page = found ? await store.read.messages.page(found.id, { limit: 9 }) : []
    return page.map(({ text }) => text)
  }

  test('is written once, and what came between its cause and itself does not lose it', async () => {
    let broken = true
    const breaking: PurseNeeds['post'] = async (...args) => {
      if (broken) throw new Error('no luck')
      await post(...args)
    }
    await withPurse(
      async ({ purse, store, logged }) => {
        const calls = await Promise.all([80, 5, 5, 5].map((microUsd) => purse.reserve(wanted(microUsd))))
        const spend = async (index: number, costMicroUsd: number): Promise<void> => {
          purse.settle(chargeOf(calls[index], costMicroUsd))
          await purse.stop()
        }
        await spend(0, 80)
        expect([await posted(store), logged().includes('most of the budget')]).toEqual([[], false])
        broken = false
        await spend(1, 1)
        await spend(2, 1)
        expect(await posted(store)).toEqual(['warned'])
        expect(logged().match(/most of the budget for models is spent/g)).toHaveLength(1)
      },
      { post: breaking },
    )
  })

  test('is in the way of no turn in that chat, whose cost comes behind it', async () => {
    let mostTries = 0
    /** Counts how often a transaction was pushed aside by another. */
    const watch = (store: Store): Pick<Store, 'read' | 'write' | 'gatherMs'> => ({
      ...store,
      write(work) {
        let tries = 0
        return store.write((tx) => {
          mostTries = Math.max(mostTries, (tries += 1))
          return work(tx)
        })
      },
    })
    await withPurse(
      async ({ purse, store }) => {
        const calls = await Promise.all([80, 5].map((microUsd) => purse.reserve(wanted(microUsd))))
        await store.write((tx) => say(tx, 'first'))
        await watch(store).write(async (tx) => {
          await say(tx, 'turn')
          purse.settle(chargeOf(calls[0], 80))
          await sleep(300)
          await purse.settleWithin(tx, [chargeOf(calls[1], 1)])
        })
        await purse.stop()
        expect([mostTries, await posted(store)]).toEqual([1, ['first', 'turn', 'warned']])
      },
      { kind: 'postgres', wrap: watch, post },
    )
  }, 30_000)
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
