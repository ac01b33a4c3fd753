import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SendResult } from '../../src/channels/channel.ts'
import { newId } from '../../src/model/ids.ts'
import type { Clock } from '../../src/model/time.ts'
import { createEvents } from '../../src/ops/events.ts'
import { silentLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { createRecovery, type Recovery } from '../../src/pipeline/recovery.ts'
import type { DeliveryOutcome, Store } from '../../src/store/store.ts'
import { createTurnedClock, type TurnedClock } from '../support/clock.ts'
import {
  answer,
  createPlatform,
  incoming,
  type Platform,
  startPipeline,
  type TestPipeline,
} from '../support/pipeline.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'

const waitFor = { timeout: 5000, interval: 5 }
const unknown = (isAnswered: boolean): SendResult => ({
  ok: false,
  fault: { kind: 'unknown', reason: '502', isAnswered },
})

describe.each(databaseKinds)('a platform that was away for minutes, on %s', (kind) => {
  let place: TestStore
  let store: Store
  let running: TestPipeline[] = []
  let recoveries: Recovery[] = []
  beforeAll(async () => {
    place = await createTestStore(kind)
    store = place.store
  })
  afterEach(async () => {
    await Promise.all(running.map((one) => one.stop()))
    running = []
    for (const recovery of recoveries) recovery.stop()
    recoveries = []
  })
  afterAll(() => place.drop())

  test.each(['saw it fail', 'has just started'])(
    'replies that waited are sent within seconds, in order, once a process that %s can send',
    async (which) => {
      const clock = createTurnedClock('2026-11-26T12:00:00Z')
      const platform = createPlatform(newId())
      const { name } = platform.channel
      const echo = {
        platforms: [platform],
        answers: async ({ text }: { text: string }) => answer(text),
        clock,
        steady: clock,
      }
      const start = async (): Promise<TestPipeline> => {
        const started = startPipeline({ ...echo, store: await place.another(), maxTries: 8 })
        running.push(started)
        return started
      }
      platform.onSend(() => ({ ok: false, fault: { kind: 'retry', reason: '502' } }))
      const first = await start()
      const people = ['ann', 'bob', 'eve']
      const chats = new Set<string>()
      for (const text of people.flatMap((person) => [`1 ${person}`, `2 ${person}`])) {
        const [stored] = await first.pipeline.accept([incoming(name, text.slice(2), text)])
        chats.add(stored?.conversationId ?? '')
      }
      // More than `maxTries`: of a platform that takes nothing from anybody none is counted.
      for (let tries = 1; tries <= 12; tries += 1) {
        await vi.waitFor(() => expect(platform.sends.length).toBeGreaterThanOrEqual(3 * tries), waitFor)
        for (const id of chats) await vi.waitFor(() => waits(id), waitFor)
        if (tries < 12) clock.passes(400_000)
      }
      platform.onSend(() => undefined)
      const other = which === 'saw it fail' ? first : await start()
      if (other !== first) await first.stop()
      const cleared = performance.now()
      await other.pipeline.accept([incoming(name, 'new', 'does it work again?')])
      await vi.waitFor(() => {
        for (const person of people) expect(platform.inbox(person).join('\n')).toContain(`2 ${person}`)
      }, waitFor)
      expect(performance.now() - cleared).toBeLessThan(3000)
      for (const person of people)
        expect(platform.inbox(person).join('\n').split('\n')).toEqual([`1 ${person}`, `2 ${person}`])
      running = running.filter((one) => one === other)
    },
  )

  test('tries that are not counted become rarer all the same', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    const { name } = platform.channel
    platform.onSend(() => unknown(true))
    await store.write((tx) => tx.leases.close(`failing:${name}:bot`, clock.now(), clock.now() + 1e6))
    const answers = async () => answer('hello')
    const started = startPipeline({ platforms: [platform], answers, clock, store: await place.another() })
    running.push(started)
    const [stored] = await started.pipeline.accept([incoming(name, 'ann', 'hi')])
    const tried = (times: number) =>
      vi.waitFor(async () => {
        expect(platform.sends).toHaveLength(times)
        await waits(stored?.conversationId ?? '')
      }, waitFor)
    await tried(1)
    clock.passes(100_000)
    await tried(2)
    clock.passes(100_000)
    await sleep(300)
    await tried(2)
    clock.passes(130_000)
    await tried(3)
  })

  /** A pipeline where ann asks: which conversation is hers, and what to do between two tries of its first reply. */
  async function startAlone(
    platform: Platform,
    options: { maxTries: number; clock: TurnedClock; steady: Clock },
  ) {
    const answers = async ({ text }: { text: string }) => answer(text)
    const started = startPipeline({
      platforms: [platform],
      answers,
      ...options,
      store: await place.another(),
    })
    running.push(started)
    const [stored] = await started.pipeline.accept([incoming(platform.channel.name, 'ann', 'poison')])
    const id = stored?.conversationId ?? ''
    return {
      ...started,
      tried: (times: number) =>
        vi.waitFor(async () => {
          expect(platform.sends).toHaveLength(times)
          await waits(id)
        }, waitFor),
      states: async () => (await store.read.messages.since(id, 0, 10)).map(({ state }) => state),
    }
  }

  test('a reply that fails while nobody else writes is given up after its tries, and the next leaves', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    platform.onSend(({ text }) => (text === 'poison' ? unknown(true) : undefined))
    const { pipeline, tried } = await startAlone(platform, { maxTries: 8, clock, steady: clock })
    await tried(1)
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'fine')])
    for (let tries = 1; tries < 8; tries += 1) {
      await tried(tries)
      clock.passes(400_000)
    }
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['fine']), waitFor)
    expect(platform.sends.map(({ text }) => text)).toEqual([...Array(8).fill('poison'), 'fine'])
  })

  const closeFor = (ms: number, { channel: { name } }: Platform, { now }: Clock): Promise<void> =>
    store.write((tx) => tx.leases.close(`failing:${name}:bot`, now(), now() + ms))

  test('while a platform takes nothing from anybody, what got no answer is tried ever more rarely', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    platform.onSend(() => unknown(false))
    await closeFor(1e9, platform, clock)
    const { tried, states } = await startAlone(platform, { maxTries: 3, clock, steady: clock })
    await tried(1)
    for (let minutes = 0; minutes < 350; minutes += 5) {
      clock.passes(300_000)
      await sleep(30)
      await vi.waitFor(async () => expect(await states()).toEqual(['handled', 'queued']), waitFor)
    }
    expect(platform.sends.length).toBeLessThan(15)
    expect(platform.sends.length).toBeGreaterThan(5)
  })

  test('while a platform takes nothing from anybody, tries count after six hours', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    platform.onSend(() => unknown(true))
    await closeFor(1e9, platform, clock)
    const { tried, states } = await startAlone(platform, { maxTries: 3, clock, steady: clock })
    for (const passes of [400_000, 400_000, 400_000, 6 * 3_600_000, 400_000, 400_000]) {
      await tried(platform.sends.length || 1)
      clock.passes(passes)
      const before = platform.sends.length
      await vi.waitFor(() => expect(platform.sends).toHaveLength(before + 1), waitFor)
    }
    await vi.waitFor(async () => expect(await states()).toEqual(['handled', 'failed']), waitFor)
    expect(platform.sends).toHaveLength(7)
  })

  test('what surely did not arrive waits for as long as a platform takes nothing from anybody', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    platform.onSend(() => ({ ok: false, fault: { kind: 'retry', reason: '429' } }))
    await closeFor(1e9, platform, clock)
    const { tried } = await startAlone(platform, { maxTries: 3, clock, steady: clock })
    for (let tries = 1; tries <= 8; tries += 1) {
      await tried(tries)
      clock.passes(2 * 3_600_000)
    }
  })

  /** Beside ann, bob asks; `bothTried`: so many sends there were, and both wait for the next. */
  async function startBoth(platform: Platform, clock: TurnedClock) {
    const alone = await startAlone(platform, { maxTries: 8, clock, steady: clock })
    const [bob] = await alone.pipeline.accept([incoming(platform.channel.name, 'bob', 'hi')])
    const bothTried = (sends: number) =>
      vi.waitFor(async () => {
        await alone.tried(sends)
        await waits(bob?.conversationId ?? '')
      }, waitFor)
    return { ...alone, bothTried }
  }

  test('replies that waited for a platform all day are not given up because it comes back with errors', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    platform.onSend(() => ({
      ok: false,
      fault: { kind: 'wait', ms: 5000, scope: 'chat', reason: 'unreachable' },
    }))
    const { bothTried } = await startBoth(platform, clock)
    await bothTried(2)
    platform.onSend(() => unknown(true))
    for (let tries = 1; tries <= 12; tries += 1) {
      clock.passes(tries === 1 ? 7 * 3_600_000 : 400_000)
      await bothTried(2 + 2 * tries)
    }
  })

  test('it is known since when a platform takes nothing, however often that is noted, so that tries count in the end', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    platform.onSend(() => unknown(true))
    const { bothTried, states } = await startBoth(platform, clock)
    for (let tries = 1; tries <= 10; tries += 1) {
      await bothTried(2 * tries)
      clock.passes(tries === 1 ? 20_000 : 3_000_000)
    }
    await vi.waitFor(
      async () => {
        clock.passes(3_000_000)
        expect(await states()).toEqual(['handled', 'failed'])
      },
      { ...waitFor, interval: 100 },
    )
  })

  test('two chats that fail long after one another are no platform that takes nothing from anybody', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    platform.onSend(() => unknown(true))
    const { pipeline, tried, states } = await startAlone(platform, { maxTries: 8, clock, steady: clock })
    for (let tries = 1; tries < 8; tries += 1) {
      await tried(tries)
      clock.passes(400_000)
    }
    await vi.waitFor(async () => expect(await states()).toEqual(['handled', 'failed']), waitFor)
    clock.passes(400_000)
    const [bob] = await pipeline.accept([incoming(platform.channel.name, 'bob', 'poison as well')])
    const last = async () => (await store.read.messages.since(bob?.conversationId ?? '', 0, 10)).at(-1)?.state
    for (let tries = 1; tries <= 8; tries += 1) {
      await vi.waitFor(() => expect(platform.sends).toHaveLength(8 + tries), waitFor)
      await vi.waitFor(async () => expect(await last()).toBe(tries < 8 ? 'queued' : 'failed'), waitFor)
      clock.passes(400_000)
    }
  })

  test('a platform that takes nothing from anybody is known for it, although the clock is put back twice', async () => {
    const [clock, steady] = [
      createTurnedClock('2026-11-26T12:00:00Z'),
      createTurnedClock('2026-11-26T12:00:00Z'),
    ]
    const platform = createPlatform(newId())
    platform.onSend(() => unknown(true))
    const { pipeline, tried } = await startAlone(platform, { maxTries: 8, clock, steady })
    const [bob] = await pipeline.accept([incoming(platform.channel.name, 'bob', 'hi')])
    for (const sends of [4, 6]) {
      await tried(sends - 2)
      await vi.waitFor(() => waits(bob?.conversationId ?? ''), waitFor)
      clock.passes(-3_600_000)
      steady.passes(20_000)
      await tried(sends)
      await vi.waitFor(async () => {
        const now = clock.now()
        expect(
          await store.read.leases.closedUntil(`failing:${platform.channel.name}:bot`, now),
        ).toBeGreaterThan(now)
      }, waitFor)
    }
  })

  /** Nothing is being sent to this chat, and something waits. */
  async function waits(conversationId: string): Promise<void> {
    const states = (await store.read.messages.since(conversationId, 0, 10)).map(({ state }) => state)
    expect(states).toContain('queued')
    expect(states).not.toContain('sending')
  }

  /** Replies of an account of their own that have failed and wait for an hour, and that all of it is known to fail. */
  async function letWait(count: number, clock: Clock) {
    const account = { channel: 'telegram', account: newId() }
    const at = (): number => clock.now() + 3_600_000
    const fail = (ids: string[]) =>
      store.write(async (tx) => {
        const claimed = await tx.outbox.claim(ids, 'a', clock.now(), clock.now() + 5000)
        const outcome = { kind: 'retry', at: at(), error: '502', plain: false, uncounted: true } as const
        const settlements = claimed.map(({ conversation, seq }) => ({
          conversationId: conversation.id,
          seq,
          outcome,
        }))
        await tx.outbox.settle(settlements, 'a', clock.now(), undefined)
      })
    const ids = await store.write(async (tx) => {
      const posted: string[] = []
      for (let chat = 0; chat < count; chat += 1) {
        const to = { ...account, chatId: String(chat), threadId: '', kind: 'private' as const }
        const { conversationId } = await tx.outbox.post(to, { text: 'r', buttons: undefined }, 'queued', 1000)
        posted.push(conversationId)
      }
      return posted
    })
    await fail(ids)
    const mark = `failing:${account.channel}:${account.account}`
    await store.write((tx) => tx.leases.close(mark, clock.now(), clock.now() + 18_000_000))
    const rung: string[] = []
    const events = createEvents({ log: silentLog, metrics: createMetrics({ process: false }) })
    const doorbell = { ring: (_: string, id: string) => void rung.push(id) }
    return {
      account,
      ids,
      rung,
      fail,
      isMarked: async () => (await store.read.leases.closedUntil(mark, clock.now())) > clock.now(),
      async join() {
        const joined = createRecovery({
          store: await place.another(),
          doorbell,
          events,
          clock,
          steady: clock,
        })
        recoveries.push(joined)
        return joined
      },
    }
  }

  test('one success is enough for all that waits, also for what was about to wait at that moment', async () => {
    let at = Date.parse('2026-11-26T12:00:00Z')
    const { account, ids, rung, fail, isMarked, join } = await letWait(150, { now: () => at })
    const recovery = await join()
    recovery.worked(account)
    await vi.waitFor(() => expect(rung).toHaveLength(150), waitFor)
    const [about = ''] = rung
    await fail([about])
    expect(await isMarked()).toBe(true)
    at += 1000
    await vi.waitFor(() => expect(rung.toSorted()).toEqual([...ids, about].toSorted()), waitFor)
    expect(await isMarked()).toBe(false)
  })

  test('several processes take up what waits, some at once: each reply once, and the mark stays until all are', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const { account, ids, rung, isMarked, join } = await letWait(900, clock)
    const processes = await Promise.all([join(), join()])
    for (const one of processes) one.worked(account)
    await vi.waitFor(async () => expect(await isMarked()).toBe(false), { ...waitFor, timeout: 15_000 })
    await vi.waitFor(() => expect(rung).toHaveLength(900), waitFor)
    expect(new Set(rung)).toEqual(new Set(ids))
  })

  test('what fails although others get through counts as its own fault, wherever it fails; ten seconds later no more', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const { account, ids, rung, join } = await letWait(250, clock)
    const [works, fails] = await Promise.all([join(), join()])
    const chat = { ...account, id: ids[0] ?? '' }
    clock.passes(1000)
    const since = await fails.failed(chat)
    expect(since).toBeLessThan(clock.now())
    works.worked(account)
    await vi.waitFor(() => expect(rung).toHaveLength(200), waitFor)
    expect(await fails.failed(chat)).toBeUndefined()
    clock.passes(10_000)
    expect(await fails.failed(chat)).toBe(since)
  })

  test('somebody got through, and then nobody for long: at the real end all are brought forward, also those tried since', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const { account, ids, rung, fail, isMarked, join } = await letWait(250, clock)
    const recovery = await join()
    clock.passes(1000)
    recovery.worked(account)
    await vi.waitFor(() => expect(rung).toHaveLength(200), waitFor)
    clock.passes(4_000_000)
    await fail(ids)
    rung.length = 0
    for (let looks = 0; await isMarked(); looks += 1) {
      expect(looks).toBeLessThan(20)
      recovery.worked(account)
      await sleep(100)
      clock.passes(1000)
    }
    expect(new Set(rung)).toEqual(new Set(ids))
  })

  test('a bell that another clock rang too early is rung again, not left to the sweep', async () => {
    const clock = createTurnedClock('2026-11-26T12:00:00Z')
    const platform = createPlatform(newId())
    platform.onSend((_, nth) =>
      nth === 1 ? { ok: false, fault: { kind: 'wait', ms: 300, scope: 'chat', reason: '429' } } : undefined,
    )
    const own = { platforms: [platform], clock, sweepMs: 600_000, store: await place.another() }
    const started = startPipeline({ ...own, answers: async () => answer('hello') })
    running.push(started)
    const [stored] = await started.pipeline.accept([incoming(platform.channel.name, 'ann', 'hi')])
    await vi.waitFor(() => waits(stored?.conversationId ?? ''), waitFor)
    clock.passes(-200)
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['hello']), waitFor)
  })

  test('what was told to wait waits on, and so do other accounts', async () => {
    const lane = async (account: string, outcome: DeliveryOutcome): Promise<string> => {
      const to = { channel: 'telegram', account, chatId: newId(), threadId: '', kind: 'private' as const }
      const { conversationId: id } = await store.write((tx) =>
        tx.outbox.post(to, { text: 'r', buttons: undefined }, 'queued', 1000),
      )
      await store.write((tx) => tx.outbox.claim([id], 'a', 1000, 2000))
      await store.write((tx) =>
        tx.outbox.settle([{ conversationId: id, seq: 1, outcome }], 'a', 1000, undefined),
      )
      return id
    }
    const retry = { kind: 'retry', at: 90_000, error: '502', plain: false } as const
    const failed = await lane('7', retry)
    const longest = await lane('7', { ...retry, at: 95_000 })
    const soon = await lane('7', { ...retry, at: 2500 })
    const told = await lane('7', { kind: 'wait', at: 90_000, plain: false })
    const other = await lane('8', retry)
    const account = { channel: 'telegram', account: '7' }
    const hasten = (limit: number, before = 1500) =>
      store.write((tx) => tx.outbox.hasten(account, 1500, before, limit))
    // Of a round that began before, what was tried since is not brought forward once more.
    expect(await hasten(100, 999)).toEqual({ ids: [], isAll: true })
    expect(await hasten(1)).toEqual({ ids: [longest], isAll: false })
    expect(await hasten(100)).toEqual({ ids: [failed], isAll: true })
    expect(await hasten(100)).toEqual({ ids: [], isAll: true })
    const later = (soon: number) => store.read.outbox.later([told, longest], 1500, soon, 1000)
    expect(await later(90_000)).toHaveLength(2)
    expect(await later(89_999)).toEqual([{ conversationId: longest, dueAt: 1500 }])
    const due = await store.read.outbox.due(1500, [account, { ...account, account: '8' }], 100, 1000)
    expect(due.toSorted()).toEqual([failed, longest].toSorted())
    for (const id of [soon, told, other]) expect(due).not.toContain(id)
    // The try that it was brought forward for does not count.
    expect(await store.write((tx) => tx.outbox.claim([failed], 'a', 1500, 2500))).toMatchObject([
      { attempt: 1 },
    ])
  })
})
