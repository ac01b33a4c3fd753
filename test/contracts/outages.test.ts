import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SourcedAnswer, Turn } from '../../src/answers/answers.ts'
import { ParleyError } from '../../src/model/errors.ts'
import { newId } from '../../src/model/ids.ts'
import type { Store, Writer } from '../../src/store/store.ts'
import {
  answer,
  createPlatform,
  incoming,
  type Platform,
  startPipeline,
  type TestPipeline,
} from '../support/pipeline.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'

const away = (): ParleyError => new ParleyError('DATABASE_UNAVAILABLE', undefined, { status: 503 })

describe.each(databaseKinds)('a database that breaks off, on %s', (kind) => {
  let place: TestStore
  let store: Store
  let running: TestPipeline[] = []
  beforeAll(async () => {
    place = await createTestStore(kind)
    store = place.store
  })
  afterEach(async () => {
    await Promise.all(running.map((one) => one.stop()))
    running = []
  })
  afterAll(() => place.drop())

  function start(options: Partial<Parameters<typeof startPipeline>[0]> & { platforms: Platform[] }) {
    const started = startPipeline({ store, answers: echo, ...options })
    running.push(started)
    return started
  }

  const echo = async (turn: Turn) => answer(`you said ${turn.text}`)

  /** The store, where the first transaction in which `isIt` says so is durable and nobody is told. */
  function unacknowledged(isIt: (done: { committed: number; claimed: number }) => boolean): Store {
    let wasIt = false
    return {
      ...store,
      async write(work, options) {
        const done = { committed: 0, claimed: 0 }
        const result = await store.write((tx) => work(counting(tx, done)), options)
        if (wasIt || !isIt(done)) return result
        wasIt = true
        throw away()
      },
    }
  }

  const counting = (tx: Writer, done: { committed: number; claimed: number }): Writer => ({
    ...tx,
    turns: {
      ...tx.turns,
      async commit(...args) {
        const committed = await tx.turns.commit(...args)
        done.committed += committed.filter(Boolean).length
        return committed
      },
    },
    outbox: {
      ...tx.outbox,
      async claim(...args) {
        const claimed = await tx.outbox.claim(...args)
        done.claimed += claimed.length
        return claimed
      },
    },
  })

  /** Replies and their states, in order. */
  const repliesOf = async (conversationId: string): Promise<string[]> =>
    (await store.read.messages.page(conversationId, { limit: 100 }))
      .filter(({ author }) => author === 'bot')
      .map(({ state, text }) => `${state} ${text}`)

  // The heartbeat of the shorter lease looks before the second try does.
  test.each([5000, 1200])(
    'a turn whose commit was not acknowledged is told and sent once, lease %i',
    async (leaseMs) => {
      const platform = createPlatform(newId())
      const { name } = platform.channel
      let asked = 0
      const answers = async () => answer(`answer ${(asked += 1)}|part`)
      const broken = unacknowledged(({ committed }) => committed > 0)
      const { pipeline } = start({
        platforms: [platform],
        answers,
        store: broken,
        uncertain: 'hold',
        leaseMs,
      })
      const [accepted] = await pipeline.accept([incoming(name, 'ann', 'hello')])
      await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['answer 1', 'part']), {
        timeout: 1000,
        interval: 5,
      })
      await sleep(leaseMs < 2000 ? leaseMs : 200)
      expect(platform.sends).toHaveLength(2)
      expect(await repliesOf(accepted?.conversationId ?? '')).toEqual(['sent answer 1', 'sent part'])
      expect(asked).toBe(1)
    },
  )

  test('a turn that changes more than its conversation changes it once', async () => {
    const platform = createPlatform(newId())
    let changes = 0
    const answers = async () => answer('hello', { commit: async () => void (changes += 1) })
    const broken = unacknowledged(({ committed }) => committed > 0)
    const { pipeline } = start({ platforms: [platform], answers, store: broken, uncertain: 'hold' })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['hello']), { timeout: 1000 })
    expect(changes).toBe(1)
  })

  test('what somebody else took since a commit that was not acknowledged is sent once', async () => {
    const platform = createPlatform(newId())
    const broken = unacknowledged(({ committed }) => committed > 0)
    let isAway = false
    const gone: Store = {
      ...broken,
      write: (work, options) =>
        isAway
          ? Promise.reject(away())
          : broken.write(work, options).catch((error: unknown) => {
              isAway = true
              throw error
            }),
    }
    const first = start({ platforms: [platform], store: gone, leaseMs: 300, sweepMs: 60_000 })
    await first.pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])
    await vi.waitFor(() => expect(isAway).toBe(true))
    const taken = Promise.withResolvers<undefined>()
    platform.onSend(() => taken.promise)
    start({ platforms: [platform], leaseMs: 300 })
    await vi.waitFor(() => expect(platform.sends).toHaveLength(1), { timeout: 5000 })
    isAway = false
    await sleep(1500)
    taken.resolve(undefined)
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['you said hello']))
    await sleep(200)
    expect(platform.sends).toHaveLength(1)
  })

  test('replies claimed without an acknowledgement are sent, and are in no doubt', async () => {
    const platform = createPlatform(newId())
    const { name } = platform.channel
    const broken = unacknowledged(({ claimed }) => claimed > 0)
    const { coordination } = start({
      platforms: [platform],
      store: broken,
      uncertain: 'hold',
      sweepMs: 60_000,
    })
    const to = { channel: name, account: 'bot', chatId: 'ann', threadId: '', kind: 'private' as const }
    const { conversationId } = await store.write((tx) =>
      tx.outbox.post(to, { text: 'news', buttons: undefined }, 'queued', Date.now()),
    )
    coordination.doorbell.ring('outbox', conversationId)
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['news']), { timeout: 1000, interval: 5 })
    await sleep(100)
    expect(platform.sends).toHaveLength(1)
    expect(await repliesOf(conversationId)).toEqual(['sent news'])
  })

  /** The store of one process: away while `isAway` says so. */
  const storeWhile = (isAway: () => boolean): Store => {
    const unless = <T>(call: () => Promise<T>): Promise<T> => (isAway() ? Promise.reject(away()) : call())
    const { turns, outbox } = store.read
    return {
      ...store,
      read: {
        ...store.read,
        turns: { ...turns, waiting: (...args) => unless(() => turns.waiting(...args)) },
        outbox: { ...outbox, due: (...args) => unless(() => outbox.due(...args)) },
      },
      write: (work, options) => unless(() => store.write(work, options)),
    }
  }

  /** Two processes that lose the database together; the one at work is back last, but within a lease. */
  function startTwo(platform: Platform, answers: (turn: Turn) => Promise<SourcedAnswer>) {
    const leaseMs = 800
    const outage = { begun: Infinity, back: Infinity, backAtWork: Infinity }
    const isAway = (until: number): boolean => performance.now() > outage.begun && performance.now() < until
    const atWork = storeWhile(() => isAway(outage.backAtWork))
    const first = start({ platforms: [platform], answers, leaseMs, store: atWork })
    const begin = (): void => {
      if (outage.begun < Infinity) return
      outage.begun = performance.now()
      outage.back = outage.begun + 2 * leaseMs
      outage.backAtWork = outage.back + 250
    }
    const startOther = (): TestPipeline =>
      start({ platforms: [platform], answers, leaseMs, store: storeWhile(() => isAway(outage.back)) })
    return { first, startOther, begin }
  }

  test('a reply that was sent before an outage is not sent by another process after it', async () => {
    const platform = createPlatform(newId())
    const { first, startOther, begin } = startTwo(platform, echo)
    platform.onSend(() => {
      begin()
      return undefined
    })
    const [accepted] = await first.pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])
    await vi.waitFor(() => expect(platform.sends).toHaveLength(1))
    startOther()
    const recorded = async (): Promise<void> =>
      expect(await repliesOf(accepted?.conversationId ?? '')).toEqual(['sent you said hello'])
    await vi.waitFor(recorded, { timeout: 7000 })
    await sleep(300)
    expect(platform.inbox('ann')).toEqual(['you said hello'])
  })

  test('a question that is answered through an outage is not asked by another process after it', async () => {
    const platform = createPlatform(newId())
    let asked = 0
    const { first, startOther, begin } = startTwo(platform, async () => {
      asked += 1
      begin()
      await sleep(2400)
      return answer(`answer ${asked}`)
    })
    await first.pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])
    await vi.waitFor(() => expect(asked).toBe(1))
    startOther()
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['answer 1']), { timeout: 7000 })
    expect(asked).toBe(1)
  })

  /** What ann said, in the hands of a process that died; its lease ends in a tenth of a second. */
  async function leaveLying(platform: Platform): Promise<void> {
    const dead = start({ platforms: [platform] })
    await dead.stop()
    const [accepted] = await dead.pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])
    const ids = [accepted?.conversationId ?? '']
    const now = Date.now()
    await store.write((tx) => tx.turns.take(ids, 'dead', now + 1000, now + 100))
  }

  test('what a dead process held is worked on after an outage, too', async () => {
    const platform = createPlatform(newId())
    await leaveLying(platform)
    await sleep(100)
    let isAway = true
    start({ platforms: [platform], leaseMs: 800, store: storeWhile(() => isAway) })
    await sleep(200)
    isAway = false
    await sleep(400)
    expect(platform.sends).toEqual([])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['you said hello']), { timeout: 2000 })
  })

  test('what a dead process held is worked on after one take that failed, though nothing else is to do', async () => {
    const platform = createPlatform(newId())
    await leaveLying(platform)
    let failed = 0
    const failsOnce: Store = {
      ...store,
      write: (work, options) => ((failed += 1) === 1 ? Promise.reject(away()) : store.write(work, options)),
    }
    start({ platforms: [platform], leaseMs: 800, store: failsOnce })
    await vi.waitFor(() => expect(failed).toBe(1), { timeout: 3000 })
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['you said hello']), { timeout: 4000 })
  })

  test('whoever keeps to its own takes what it held, and what nobody holds', async () => {
    const { name } = createPlatform(newId()).channel
    const accounts = [{ channel: name, account: 'bot' }]
    const to = { channel: name, account: 'bot', threadId: '', kind: 'private' as const }
    const ids: string[] = []
    for (const chatId of ['mine', 'theirs', 'nobodys']) {
      const message = incoming(name, chatId, 'hello')
      await store.write((tx) => tx.inbox.accept([{ incoming: message, quietMs: 0 }], 1000))
      const reply = { text: 'news', buttons: undefined }
      ids.push(
        (await store.write((tx) => tx.outbox.post({ ...to, chatId }, reply, 'queued', 1000))).conversationId,
      )
    }
    const [mine = '', theirs = '', nobodys = ''] = ids
    for (const [id, token] of [
      [mine, 'me'],
      [theirs, 'you'],
    ] as const) {
      await store.write(async (tx) => {
        await tx.turns.take([id], token, 1000, 2000)
        await tx.outbox.claim([id], token, 1000, 2000)
      })
    }
    const { turns, outbox } = store.read
    const free = [mine, nobodys].sort()
    expect((await turns.waiting(3000, accounts, 10, 1000, 'me')).sort()).toEqual(free)
    expect((await outbox.due(3000, accounts, 10, 1000, 'me')).sort()).toEqual(free)
    const later = await outbox.later(ids, 3000, 3000, 1000, 'me')
    expect(later.map(({ conversationId }) => conversationId).sort()).toEqual(free)
    const taken = await store.write((tx) => tx.turns.take(ids, 'me', 3000, 4000, 'me'))
    expect(taken.map(({ conversation }) => conversation.id).sort()).toEqual(free)
    const claimed = await store.write((tx) => tx.outbox.claim(ids, 'me', 3000, 4000, { own: 'me' }))
    expect(claimed.map(({ conversation }) => conversation.id).sort()).toEqual(free)
    const [rest] = await store.write((tx) => tx.turns.take(ids, 'me', 3000, 4000))
    expect(rest?.conversation.id).toBe(theirs)
    const [lane] = await store.write((tx) => tx.outbox.claim(ids, 'me', 3000, 4000))
    expect(lane?.conversation.id).toBe(theirs)
  })
})
