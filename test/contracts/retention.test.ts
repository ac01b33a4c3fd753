import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRetention, type Retention, type RetentionJob } from '../../src/jobs/retention.ts'
import { dayOf, startOfDay } from '../../src/model/calendar.ts'
import { newId } from '../../src/model/ids.ts'
import { createMoments } from '../../src/model/moment.ts'
import { createEvents } from '../../src/ops/events.ts'
import { silentLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import type { Accepted, Arrival, NewReply, Store } from '../../src/store/store.ts'
import { incoming } from '../support/pipeline.ts'
import { query } from '../support/sql.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'

const dayMs = 86_400_000
const standard: Retention = { conversationDays: 730, traceDays: 90, budgetDays: 400 }
/** Ids tell the real time: what is old is made now and looked at from later. */
const start = Date.now()
const replies = (count: number): NewReply[] =>
  Array.from({ length: count }, () => ({ text: 'an answer', buttons: undefined }))

interface Ran {
  deleted: Readonly<Record<string, number>>
  complete: boolean
}

describe.each(databaseKinds)('retention on %s', (kind) => {
  let place: TestStore
  let store: Store
  let jobs: RetentionJob[] = []
  beforeAll(async () => {
    place = await createTestStore(kind)
    store = place.store
  })
  afterAll(() => place.drop())
  beforeEach(async () => {
    for (const table of [
      'messages',
      'turns',
      'handoffs',
      'conversations',
      'contact_limits',
      'contacts',
      'leases',
      'budget_days',
    ])
      await query(place.options, `delete from ${table}`)
  })
  afterEach(async () => {
    for (const job of jobs) await job.stop()
    jobs = []
  })

  async function count(table: string, where = '1 = 1'): Promise<number> {
    const [row] = await query<{ n: number | string }>(
      place.options,
      `select count(*) as n from ${table} where ${where}`,
    )
    return Number(row?.n)
  }

  /** A process that looks for old rows at this time, and what its runs told. */
  function work(now: number, more: { settings?: Retention; zone?: string; at?: Store } = {}) {
    const ran: Ran[] = []
    const postponed: number[] = []
    const faults: unknown[] = []
    const events = createEvents({ log: silentLog, metrics: createMetrics({ process: false }) })
    const clock = { now: () => now }
    const job = createRetention({
      store: more.at ?? store,
      settings: more.settings ?? standard,
      zone: more.zone ?? 'UTC',
      events: {
        ...events,
        retentionRun: (event) => void ran.push(event),
        retentionPostponed: ({ days }) => void postponed.push(days),
        faulted: (event) => void faults.push(event.err),
      },
      clock,
      holder: newId(),
      everyMs: 5,
    })
    jobs.push(job)
    job.start()
    return { job, ran, postponed, faults }
  }

  /** As if none had run before. */
  async function run(now: number, more: Parameters<typeof work>[1] = {}): Promise<Ran['deleted']> {
    await query(place.options, `update leases set until = ${now - dayMs - 1} where name = 'retention.done'`)
    const { job, ran, faults } = work(now, more)
    await expect.poll(() => ran.length, { timeout: 20_000 }).toBe(1)
    await job.stop()
    expect([ran[0]?.complete, faults]).toEqual([true, []])
    return ran[0]?.deleted ?? {}
  }

  const from = (chat: string, more: Parameters<typeof incoming>[3] = {}): Arrival => ({
    incoming: incoming('web', chat, 'a question', more),
    quietMs: 0,
  })
  async function say(chat: string, now = start, arrival = from(chat)): Promise<Accepted> {
    const { hourEnd, dayEnd } = createMoments('UTC')(now)
    const limits = { perHour: 1e6, perDay: 1e6, banAfter: 20, banMs: 1, spam: false }
    const [accepted] = await store.write((tx) => tx.inbox.accept([arrival], now, { limits, hourEnd, dayEnd }))
    if (!accepted) throw new Error('nothing was accepted')
    return accepted
  }
  async function answer(id: string, now = start, said = replies(1), repliesAre: 'sent' | 'queued' = 'sent') {
    const token = newId()
    const [taken] = await store.write((tx) => tx.turns.take([id], token, now, now + 1000))
    const turn = { source: 'faq', confidence: 1, trace: {}, inputTokens: 0, outputTokens: 0 }
    await store.write((tx) =>
      tx.turns.commit(
        [
          {
            conversationId: id,
            token,
            epoch: 0,
            through: taken?.pending.at(-1)?.seq ?? 0,
            language: 'en',
            attempt: 1,
            repliesAre,
            replies: said,
            turn: { ...turn, id: newId(), costMicroUsd: 0, durationMs: 1, startedAt: now },
          },
        ],
        now,
      ),
    )
    return taken?.contact.id ?? ''
  }
  /** A conversation of `pairs` questions with their answers. */
  async function talk(chat: string, pairs = 1, now = start): Promise<string> {
    const { conversationId } = await say(chat, now)
    await answer(conversationId, now)
    for (let pair = 1; pair < pairs; pair += 1) {
      await say(chat, now)
      await answer(conversationId, now)
    }
    return conversationId
  }
  const ask = (id: string, contactId: string) =>
    store.write((tx) =>
      tx.handoffs.offer({
        id: newId(),
        conversationId: id,
        contactId,
        reason: 'asked',
        summary: '',
        createdAt: start,
        notes: 0,
        notedAt: undefined,
      }),
    )

  test('what was said goes as a whole, with its conversation, its closed requests and its person', async () => {
    for (let nth = 0; nth < 3; nth += 1) {
      const id = await talk(`long ${nth}`, 30)
      await ask(id, '')
      await store.write((tx) => tx.handoffs.close(id))
    }
    const traces = { ...standard, traceDays: undefined }
    expect(await run(start + 730 * dayMs, { settings: traces })).toEqual({ contact_limits: 3 })
    expect(await count('messages')).toBe(180)
    const settings = { ...traces }
    expect(await run(start + 732 * dayMs, { settings })).toEqual({
      messages: 180,
      turns: 90,
      handoffs: 3,
      conversations: 3,
      leases: 1,
    })
    expect(await run(start + 745 * dayMs, { settings })).toEqual({ contacts: 3, leases: 1 })
  })

  test('nothing goes where all is kept for ever', async () => {
    await talk('ann')
    const settings = { conversationDays: undefined, traceDays: undefined, budgetDays: undefined }
    await store.write((tx) => tx.budget.reserve([], '2001-01-01', { microUsd: 1, warnAtMicroUsd: 1 }))
    expect(await run(start + 9000 * dayMs, { settings })).toEqual({ contact_limits: 1 })
  })

  test('what waits, dead letters, open requests and blocked people stay, however old', async () => {
    const late = start + 2000 * dayMs
    const waiting = (await say('waits')).conversationId
    const queued = (await say('queued')).conversationId
    await answer(queued, start, replies(2), 'queued')
    const dead = (await say('dead')).conversationId
    await answer(dead, start, replies(2), 'queued')
    const [delivery] = await store.write((tx) => tx.outbox.claim([dead], 'a', start, start + 1000))
    await store.write((tx) =>
      tx.outbox.settle(
        [{ conversationId: dead, seq: delivery?.seq ?? 0, outcome: { kind: 'failed', error: 'no' } }],
        'a',
        start,
        start + 1000,
      ),
    )
    const open = (await say('asked for a human')).conversationId
    await ask(open, await answer(open))
    await talk('bad')
    await store.write((tx) => tx.limits.ban('web', 'bad', undefined))
    await run(late)
    const states = await query<{ conversation_id: string; state: string }>(
      place.options,
      'select conversation_id, state from messages order by conversation_id, seq',
    )
    expect(states.map((row) => [row.conversation_id, row.state])).toEqual([
      [waiting, 'received'],
      [queued, 'queued'],
      [queued, 'queued'],
      [dead, 'failed'],
      [dead, 'sending'],
      [open, 'handled'],
      [open, 'sent'],
    ])
    expect(await count('contacts')).toBe(5)
    expect(await count('contacts', 'blocked = 1')).toBe(1)
    await answer(waiting, late)
  })

  test('a conversation that goes on loses its old part only, and its numbers go on', async () => {
    const id = await talk('ann', 40)
    const now = start + 800 * dayMs
    const { seq } = await say('ann', now)
    expect(seq).toBe(81)
    expect(await run(now)).toMatchObject({ messages: 80 })
    await answer(id, now)
    const rows = await store.read.messages.page(id, { limit: 50 })
    expect(rows.map((row) => row.seq)).toEqual([81, 82])
    expect((await say('ann', now)).seq).toBe(83)
    expect(await count('contacts')).toBe(1)
  })

  test.each(['UTC', 'Asia/Kathmandu', 'America/St_Johns'])(
    'days are those of %s: its first moment decides',
    async (zone) => {
      const midnight = startOfDay(dayOf(start + 5 * dayMs, zone), zone)
      const gone = await talk('before', 1, midnight - 1)
      const kept = await talk('at', 1, midnight)
      const settings = { ...standard, conversationDays: 730, traceDays: 730 }
      const last = startOfDay(dayOf(midnight + 731 * dayMs - 7_200_000, zone), zone)
      await run(last - 3_600_000, { settings, zone })
      expect(await count('conversations')).toBe(2)
      await run(last + 3_600_000, { settings, zone })
      expect(await store.read.conversations.get(gone)).toBeUndefined()
      expect(await store.read.conversations.get(kept)).toBeDefined()
      expect(await count('turns')).toBe(1)
    },
  )

  test('what came is known for seven days of 24 hours at least', async () => {
    const arrival = from('ann')
    const first = await say('ann', start, arrival)
    await answer(first.conversationId)
    const settings = { ...standard, conversationDays: 7 }
    await run(start + 7 * dayMs, { settings })
    expect(await say('ann', start + 7 * dayMs, arrival)).toMatchObject({ duplicate: true, seq: 1 })
    await run(start + 9 * dayMs, { settings })
    expect(await count('conversations')).toBe(0)
    expect(await say('ann', start + 9 * dayMs, arrival)).toMatchObject({ duplicate: false, seq: 1 })
  })

  test('traces, days of the budget, counts that hold nothing, leases that ended', async () => {
    const id = await talk('ann', 3)
    const limit = { microUsd: 100, warnAtMicroUsd: 100 }
    const wanted = { id: newId(), microUsd: 1, model: 'm', holder: 'h', createdAt: start, expiresAt: start }
    const now = start + 500 * dayMs
    const day = (days: number) => dayOf(now - days * dayMs, 'UTC')
    await store.write(async (tx) => {
      await tx.budget.reserve([], day(401), limit)
      await tx.budget.reserve([], day(400), limit)
      await tx.budget.reserve([wanted], day(450), limit)
      await tx.leases.hold('long ago', 'a', start, start + 1000)
      await tx.leases.hold('now', 'a', now, now + 1000)
    })
    await store.write((tx) => tx.limits.ban('web', 'ann', now - 9 * dayMs))
    await talk('bob', 1, now)
    expect(await run(now)).toEqual({ turns: 3, contact_limits: 1, budget_days: 1, leases: 1 })
    expect(await store.read.turns.ofMessage(id, 1)).toBeUndefined()
    expect((await store.read.budget.latest(9)).map((found) => found.day)).toEqual([day(400), day(450)])
    expect(await count('contact_limits')).toBe(1)
    await store.write((tx) => tx.budget.expire(now, limit))
  })

  test('a ban that is over for less than a week is remembered', async () => {
    await talk('ann')
    await store.write((tx) => tx.limits.ban('web', 'ann', start + 40 * dayMs))
    expect(await run(start + 47 * dayMs)).toEqual({})
    expect(await run(start + 50 * dayMs)).toMatchObject({ contact_limits: 1 })
  })

  test('somebody who speaks in groups only stays while they do, to the week', async () => {
    const group = { id: 'group', thread: '', kind: 'group' as const }
    const inGroup = () => from('ann', { chat: group })
    const first = await say('ann', start, inGroup())
    await answer(first.conversationId)
    const later = start + 400 * dayMs
    await say('ann', later, inGroup())
    await answer(first.conversationId, later)
    await run(start + 800 * dayMs)
    expect([await count('contacts'), await count('messages')]).toEqual([1, 2])
    await run(later + 740 * dayMs)
    expect([await count('contacts'), await count('messages')]).toEqual([0, 0])

    const waiting = await say('bob', start, from('bob', { chat: group }))
    await run(later + 750 * dayMs)
    expect(await answer(waiting.conversationId, later)).not.toBe('')
  })

  test('once a day in one process of all, at once with other settings', async () => {
    const now = startOfDay(dayOf(start + 900 * dayMs, 'UTC'), 'UTC') + 3_600_000
    await talk('ann')
    const both = [work(now), work(now, { at: await place.another() })]
    const runs = () => both.flatMap(({ ran }) => ran)
    await expect.poll(runs, { timeout: 10_000 }).toMatchObject([{ deleted: { messages: 2 }, complete: true }])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(runs()).toHaveLength(1)
    both[0]?.job.change({ ...standard, conversationDays: undefined })
    await expect.poll(() => runs().length, { timeout: 10_000 }).toBe(2)
    for (const { job } of both) await job.stop()
    const tomorrow = work(now + dayMs)
    await expect.poll(() => tomorrow.ran.length, { timeout: 10_000 }).toBe(1)
  })

  test('a clock that leaps ahead deletes nothing on its first day', async () => {
    await run(start)
    await talk('ann')
    const leapt = work(start + 900 * dayMs)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await leapt.job.stop()
    expect([leapt.ran, leapt.faults, await count('messages')]).toEqual([[], [], 2])
    const tomorrow = work(start + 901 * dayMs)
    await expect.poll(() => tomorrow.ran.length, { timeout: 10_000 }).toBe(1)
    expect(await count('messages')).toBe(0)
  })

  test('nor does one that leaps by less than a month, where things are kept for a week', async () => {
    const settings = { conversationDays: 7, traceDays: undefined, budgetDays: 7 }
    const limit = { microUsd: 100, warnAtMicroUsd: 100 }
    const spent = { id: newId(), microUsd: 60, model: 'm', holder: 'h', createdAt: start, expiresAt: start }
    const today = dayOf(start, 'UTC')
    await run(start, { settings })
    await talk('ann')
    await store.write((tx) => tx.budget.reserve([spent], today, limit))
    await store.write((tx) => tx.budget.expire(start, limit))
    const left = async () => [await count('messages'), (await store.read.budget.day(today))?.spentMicroUsd]
    const leapt = work(start + 8 * dayMs, { settings })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([leapt.ran, leapt.faults, await left()]).toEqual([[], [], [2, 60]])
    await leapt.job.stop()

    await run(start, { settings })
    const reloaded = work(start + 20 * dayMs, { settings })
    reloaded.job.change({ ...settings, conversationDays: undefined })
    await expect.poll(() => reloaded.ran.length, { timeout: 10_000 }).toBe(1)
    expect(await left()).toEqual([2, 60])
  })

  test('a bot that is up once a week deletes every other time', async () => {
    const settings = { ...standard, traceDays: 1 }
    await run(start, { settings })
    await talk('ann')
    for (const week of [1, 2, 3, 4]) {
      const { job, ran, postponed } = work(start + week * 7 * dayMs, { settings })
      await expect.poll(() => ran.length + postponed.length, { timeout: 10_000 }).toBe(1)
      await job.stop()
      expect([week, ran.length, await count('turns')]).toEqual([
        week,
        week % 2 === 0 ? 1 : 0,
        week < 2 ? 1 : 0,
      ])
    }
  })

  test('people go on writing while two processes delete what they said: nothing new is lost', async () => {
    const people = Array.from({ length: 30 }, (_, nth) => `person ${nth}`)
    for (const person of people) await talk(person, 3)
    const now = start + 760 * dayMs
    const before = now - 740 * dayMs
    const other = await place.another()
    const ids = (await query<{ id: string }>(place.options, 'select id from conversations')).map(
      ({ id }) => id,
    )
    const drop = (at: Store) => at.write((tx) => tx.retention.dropConversations(ids, before + 20 * dayMs))
    const dropPeople = async (at: Store) => {
      const found = await query<{ id: string }>(place.options, 'select id from contacts')
      await at.write((tx) =>
        tx.retention.dropContacts(
          found.map(({ id }) => id),
          before,
        ),
      )
    }
    const said = await Promise.all([
      ...people.map((person) => say(person, now)),
      drop(store),
      drop(other),
      dropPeople(store),
      dropPeople(other),
      ...people.map((person) => say(person, now)),
    ])
    const accepted = said.filter((one): one is Accepted => one !== undefined && 'seq' in one)
    expect(await count('messages', `state = 'received'`)).toBe(accepted.length)
    expect(await count('messages', `state <> 'received'`)).toBe(0)
    for (const id of new Set(accepted.map(({ conversationId }) => conversationId))) await answer(id, now)
    expect(await count('messages', `state = 'received'`)).toBe(0)
  })

  test('killed in the middle: what is left goes with the next run, of another process', async () => {
    for (let nth = 0; nth < 25; nth += 1) await talk(`person ${nth}`, 4)
    const now = start + 900 * dayMs
    let writes = 0
    const dying: Store = {
      ...store,
      write: (work) => {
        writes += 1
        if (writes > 5) throw new Error('killed')
        return store.write(work)
      },
    }
    const first = work(now, { at: dying })
    await expect.poll(() => first.ran.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(first.ran[0]?.complete).toBe(false)
    expect(await count('messages')).toBeGreaterThan(0)
    // Its lease ends by itself.
    expect(await run(now + 61_000)).toHaveProperty('messages')
    expect([await count('messages'), await count('conversations'), await count('turns')]).toEqual([0, 0, 0])
  })
})
