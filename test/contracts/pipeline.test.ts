import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Turn } from '../../src/answers/answers.ts'
import { ParleyError } from '../../src/model/errors.ts'
import { newId } from '../../src/model/ids.ts'
import type { Charge } from '../../src/model/money.ts'
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

const waitFor = { timeout: 10_000, interval: 5 }

describe.each(databaseKinds)('pipeline on %s', (kind) => {
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

  function start(
    options: Omit<Parameters<typeof startPipeline>[0], 'store'> & { store?: Store },
  ): TestPipeline {
    const started = startPipeline({ store, ...options })
    running.push(started)
    return started
  }

  const echo = async (turn: Turn) => answer(`you said ${turn.text}`)
  /** A channel name of its own keeps tests on one database apart. */
  const platformOf = (more = {}) => createPlatform(newId(), more)

  /** The store, whose transactions have other parts. */
  const storeWith = (changed: (tx: Writer) => Partial<Writer>): Store => ({
    ...store,
    write: (work, options) => store.write((tx) => work({ ...tx, ...changed(tx) }), options),
  })

  /** A message that nobody has rung for. */
  const storedOnly = (platform: Platform, person: string, text: string): Promise<string> =>
    store.write(async (tx) => {
      const message = incoming(platform.channel.name, person, text)
      const [accepted] = await tx.inbox.accept([{ incoming: message, quietMs: 0, immune: true }], Date.now())
      if (!accepted) throw new Error('nothing was accepted')
      return accepted.conversationId
    })

  test('fifty people at once: fifty answers, each to the right person', async () => {
    const platform = platformOf()
    const { name } = platform.channel
    const { pipeline } = start({ platforms: [platform], answers: echo })
    const people = Array.from({ length: 50 }, (_, i) => `person${i}`)
    await Promise.all(people.map((person) => pipeline.accept([incoming(name, person, `I am ${person}`)])))
    await vi.waitFor(() => expect(platform.sends).toHaveLength(50), waitFor)
    for (const person of people) expect(platform.inbox(person)).toEqual([`you said I am ${person}`])
  })

  test('a burst of fifty messages gets one answer that considers all', async () => {
    const platform = platformOf({ quietWindowMs: 150 })
    // Time stands still while the person writes, however long the machine takes for it.
    let still: number | undefined = Date.now()
    const { pipeline } = start({
      platforms: [platform],
      clock: { now: () => still ?? Date.now() },
      answers: async (turn) => answer(turn.messages.map((m) => m.text).join(',')),
    })
    const texts = Array.from({ length: 50 }, (_, i) => `m${i}`)
    for (const text of texts) await pipeline.accept([incoming(platform.channel.name, 'ann', text)])
    expect(platform.sends).toEqual([])
    still = undefined
    await vi.waitFor(() => expect(platform.sends).toHaveLength(1), waitFor)
    await sleep(200)
    expect(platform.inbox('ann')).toEqual([texts.join(',')])
  })

  test('a process that was held up for longer than its lease does not send what another has sent', async () => {
    const platform = platformOf()
    const held = Promise.withResolvers<void>()
    const late: Store = {
      ...store,
      async write(work) {
        let claims = 0
        const result = await store.write(async (tx) => {
          const claim: typeof tx.outbox.claim = async (...args) => {
            const deliveries = await tx.outbox.claim(...args)
            claims += deliveries.length
            return deliveries
          }
          return work({ ...tx, outbox: { ...tx.outbox, claim } })
        })
        if (claims > 0) await held.promise
        return result
      },
    }
    const first = start({ platforms: [platform], answers: echo, leaseMs: 300, store: late })
    await first.pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])
    await sleep(150)
    start({ platforms: [platform], answers: echo, leaseMs: 300 })
    await vi.waitFor(() => expect(platform.sends).toHaveLength(1), waitFor)
    held.resolve()
    await sleep(200)
    expect(platform.inbox('ann')).toEqual(['you said hello'])
  })

  test('a disk that stands still for longer than a lease sends nothing twice', async () => {
    const platform = platformOf()
    let still = Promise.resolve()
    const commits: string[] = []
    const slow: Store = {
      ...store,
      async write(work) {
        await still
        let stands = false
        const result = await store.write((tx) =>
          work({
            ...tx,
            turns: {
              ...tx.turns,
              commit(...args) {
                stands = commits.push('commit') === 1
                return tx.turns.commit(...args)
              },
            },
          }),
        )
        // What was written can be read, and nobody is told that it is: others wait behind it.
        if (stands) await (still = sleep(900))
        return result
      },
    }
    const { pipeline } = start({
      platforms: [platform],
      answers: async () => answer('a|b|c'),
      leaseMs: 300,
      store: slow,
    })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toContain('c'), waitFor)
    await sleep(300)
    expect(platform.inbox('ann')).toEqual(['a', 'b', 'c'])
  })

  test('answers come in the order of the questions; what arrives during a turn is the next turn', async () => {
    const platform = platformOf()
    const { pipeline } = start({
      platforms: [platform],
      answers: async (turn) => (await sleep(20), answer(turn.text)),
    })
    for (let i = 0; i < 20; i += 1) {
      await pipeline.accept([incoming(platform.channel.name, 'ann', `q${i}`)])
      await sleep(7)
    }
    await vi.waitFor(() => expect(platform.inbox('ann').join('\n')).toContain('q19'), waitFor)
    expect(platform.inbox('ann').join('\n').split('\n')).toEqual(
      Array.from({ length: 20 }, (_, i) => `q${i}`),
    )
  })

  test('one update many times over is answered once', async () => {
    const platform = platformOf()
    const { pipeline } = start({ platforms: [platform], answers: echo })
    const update = incoming(platform.channel.name, 'ann', 'once')
    await Promise.all(Array.from({ length: 40 }, () => pipeline.accept([update])))
    await vi.waitFor(() => expect(platform.sends).toHaveLength(1), waitFor)
    await pipeline.accept([update])
    await sleep(150)
    expect(platform.sends).toHaveLength(1)
  })

  test('two processes share the work: each message answered once, in order', async () => {
    const platform = platformOf()
    const one = start({ platforms: [platform], answers: echo })
    const two = start({ platforms: [platform], answers: echo, store: await place.another() })
    const sent = Array.from({ length: 60 }, (_, i) => incoming(platform.channel.name, `p${i % 6}`, `q${i}`))
    await Promise.all(sent.map((update, i) => (i % 2 ? one : two).pipeline.accept([update])))
    const said = (person: string): string[] =>
      platform.inbox(person).flatMap((text) => text.replace('you said ', '').split('\n'))
    await vi.waitFor(() => {
      for (let p = 0; p < 6; p += 1) expect(said(`p${p}`)).toHaveLength(10)
    }, waitFor)
    for (let p = 0; p < 6; p += 1) expect(new Set(said(`p${p}`)).size).toBe(10)
  })

  test('work whose bell was lost is found by the sweep', async () => {
    const platform = platformOf()
    await store.write((tx) =>
      tx.inbox.accept(
        [{ incoming: incoming(platform.channel.name, 'ann', 'forgotten'), quietMs: 0 }],
        Date.now(),
      ),
    )
    start({ platforms: [platform], answers: echo })
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['you said forgotten']), waitFor)
  })

  test('a turn that fails is tried again, and set aside with an apology in the end', async () => {
    const platform = platformOf()
    let tries = 0
    const { pipeline } = start({
      platforms: [platform],
      maxTurnTries: 2,
      answers: async (turn) => {
        tries += 1
        if (turn.text === 'poison' || tries === 1) throw new Error('on purpose')
        return echo(turn)
      },
    })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['you said hello']), waitFor)
    await pipeline.accept([incoming(platform.channel.name, 'bob', 'poison')])
    await vi.waitFor(() => expect(platform.inbox('bob')).toEqual(['sorry']), waitFor)
    await pipeline.accept([incoming(platform.channel.name, 'bob', 'and now?')])
    await vi.waitFor(() => expect(platform.inbox('bob')).toEqual(['sorry', 'you said and now?']), waitFor)
  })

  test('turns whose process ended again and again are worked on one by one, others beside them', async () => {
    const platform = platformOf()
    const people = ['ann', 'bob', 'cid', 'dan']
    const ids = await Promise.all(people.map((person) => storedOnly(platform, person, 'hello')))
    for (let deaths = 0; deaths < 3; deaths += 1) {
      const taken = await store.write((tx) => tx.turns.take(ids, newId(), Date.now(), Date.now() + 20))
      expect(taken).toHaveLength(people.length)
      await sleep(40)
    }
    const together: number[] = []
    const working = new Set<string>()
    const answers = async (turn: Turn) => {
      if (turn.attempt > 1) working.add(turn.conversation.id)
      together.push(working.size)
      await sleep(100)
      working.delete(turn.conversation.id)
      return echo(turn)
    }
    const { pipeline } = start({ platforms: [platform], answers, maxTurnTries: 5 })
    await pipeline.accept([incoming(platform.channel.name, 'new', 'me too')])
    await vi.waitFor(() => expect(platform.sends).toHaveLength(5), { timeout: 20_000, interval: 20 })
    expect(platform.inbox('new')).toEqual(['you said me too'])
    for (const person of people) expect(platform.inbox(person)).toEqual(['you said hello'])
    expect(Math.max(...together)).toBe(1)
  })

  test('a message that ends its process with every try takes nobody along to the apology', async () => {
    const platform = platformOf()
    const people = ['ann', 'bob', 'cid', 'dan']
    for (const person of people) await storedOnly(platform, person, person === 'ann' ? 'poison' : 'hello')
    for (let lives = 1; platform.sends.length < people.length; lives += 1) {
      expect(lives).toBeLessThan(12)
      const death = Promise.withResolvers<void>()
      let isDead = false
      const untilDead: Store = {
        ...store,
        write: (work, options) => (isDead ? new Promise(() => undefined) : store.write(work, options)),
      }
      const answers = async (turn: Turn) => {
        if (turn.text !== 'poison') await sleep(20)
        if (turn.text !== 'poison') return echo(turn)
        isDead = true
        death.resolve()
        return new Promise<never>(() => undefined)
      }
      const life = startPipeline({
        store: untilDead,
        platforms: [platform],
        answers,
        maxTurnTries: 8,
        leaseMs: 200,
      })
      const over = vi.waitFor(() => expect(platform.sends).toHaveLength(people.length), waitFor)
      await Promise.race([death.promise, over])
      // It had no time to end anything: its turn hangs.
      void life.coordination.close()
      void life.pipeline.stop()
      await sleep(250)
    }
    expect(platform.inbox('ann')).toEqual(['sorry'])
    for (const person of people.slice(1)) expect(platform.inbox(person)).toEqual(['you said hello'])
  })

  test('a bot that lost the conversation to a human in mid-turn says nothing', async () => {
    const platform = platformOf()
    const { pipeline } = start({
      platforms: [platform],
      answers: async (turn) => {
        if (turn.conversation.status === 'human') return answer('', { replies: [], source: 'human' })
        await store.write((tx) => tx.conversations.changeOwner(turn.conversation.id, 'human', Date.now()))
        return answer('late')
      },
      leaseMs: 300,
    })
    const [stored] = await pipeline.accept([incoming(platform.channel.name, 'ann', 'human please')])
    await vi.waitFor(async () => {
      const turn = await store.read.turns.ofMessage(stored?.conversationId ?? '', 1)
      expect(turn?.source).toBe('human')
    }, waitFor)
    expect(platform.sends).toEqual([])
  })

  describe('what a model cost', () => {
    const wide = { microUsd: 1e9, warnAtMicroUsd: 1e9 }
    /** Money of a day of its own, as a model call of this turn would have reserved it. */
    async function reserved(day: string): Promise<Charge> {
      const id = newId()
      const one = {
        id,
        microUsd: 100,
        model: 'a/b',
        holder: 'test',
        createdAt: 0,
        expiresAt: Date.now() + 600_000,
      }
      await store.write((tx) => tx.budget.reserve([one], day, wide))
      const used = { costMicroUsd: 30, inputTokens: 1, outputTokens: 1 }
      return { id, model: 'a/b', reservedMicroUsd: 100, ...used }
    }
    const settled = (day: string) =>
      vi.waitFor(async () => {
        const found = await store.read.budget.day(day)
        expect(found).toMatchObject({ spentMicroUsd: 30, reservedMicroUsd: 0 })
      }, waitFor)

    test.each<[string, (turn: Turn) => Promise<void>]>([
      ['is settled with its turn', async () => undefined],
      [
        'stays spent when the turn fails',
        async ({ attempt }) => {
          if (attempt === 1) throw new Error('on purpose')
        },
      ],
      [
        'stays spent when a human took the conversation',
        async ({ conversation: { id } }) =>
          store.write((tx) => tx.conversations.changeOwner(id, 'human', Date.now())),
      ],
      [
        'stays spent when the lease was lost',
        async ({ attempt, conversation: { id }, signal }) => {
          if (attempt > 1) return
          await store.write((tx) => tx.turns.renew([id], 'nobody', 0))
          await store.write((tx) => tx.turns.take([id], 'other', Date.now() + 10_000, Date.now() + 400))
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
      ],
    ])('%s', async (name, meanwhile) => {
      const platform = platformOf()
      const day = `${kind} ${name}`
      let charge: Charge | undefined = await reserved(day)
      const { pipeline } = start({
        platforms: [platform],
        leaseMs: 150,
        answers: async (turn) => {
          if (charge) turn.charge(charge)
          charge = undefined
          await meanwhile(turn)
          return answer('done')
        },
      })
      await pipeline.accept([incoming(platform.channel.name, 'ann', 'q')])
      await settled(day)
    })
  })

  test('a worker whose lease was taken stops and commits nothing', async () => {
    const platform = platformOf()
    const stolen = Promise.withResolvers<unknown>()
    const { pipeline } = start({
      platforms: [platform],
      leaseMs: 150,
      answers: async (turn) => {
        if (turn.attempt > 1) return answer('the second')
        // As if this process had stood still for longer than its lease.
        await store.write((tx) => tx.turns.renew([turn.conversation.id], 'nobody', 0))
        await store.write((tx) =>
          tx.turns.take([turn.conversation.id], 'other', Date.now() + 10_000, Date.now() + 400),
        )
        await new Promise((resolve) => turn.signal.addEventListener('abort', resolve))
        stolen.resolve(turn.signal.reason)
        return answer('the first')
      },
    })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'q')])
    expect(await stolen.promise).toEqual(new Error('the lease was lost'))
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['the second']), waitFor)
  })

  test('parts of a long answer leave in order, also when the platform stumbles', async () => {
    const platform = platformOf()
    platform.onSend((message, nth) => {
      if (nth === 2) return { ok: false, fault: { kind: 'wait', ms: 60, scope: 'chat', reason: '429' } }
      if (message.text === 'c' && !message.plain)
        return { ok: false, fault: { kind: 'markup', reason: '400' } }
      return undefined
    })
    const { pipeline } = start({ platforms: [platform], answers: async () => answer('a|b|c|d') })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'long')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['a', 'b', 'c', 'd']), waitFor)
    expect(platform.sends.map((send) => send.text)).toEqual(['a', 'b', 'b', 'c', 'c', 'd'])
  })

  test('a chat that blocked the bot is given up at once; a poison reply after its tries; neither delays the next', async () => {
    const platform = platformOf()
    platform.onSend((message) => {
      if (message.chatId === 'blocked') return { ok: false, fault: { kind: 'final', reason: '403' } }
      if (message.text === 'poison') return { ok: false, fault: { kind: 'retry', reason: '500' } }
      if (message.text === 'breaks') throw new RangeError('on purpose')
      return undefined
    })
    const { pipeline } = start({
      platforms: [platform],
      answers: async (turn) => answer(turn.text),
      maxTries: 2,
    })
    await pipeline.accept([incoming(platform.channel.name, 'blocked', 'x')])
    for (const [person, poison] of [
      ['ann', 'poison'],
      ['bob', 'breaks'],
    ] as const) {
      const [stored] = await pipeline.accept([incoming(platform.channel.name, person, poison)])
      await vi.waitFor(async () => {
        const rows = await store.read.messages.since(stored?.conversationId ?? '', 1, 10)
        expect(rows.map((row) => row.state)).toEqual(['failed'])
      }, waitFor)
      await pipeline.accept([incoming(platform.channel.name, person, 'fine')])
      await vi.waitFor(() => expect(platform.inbox(person)).toEqual(['fine']), waitFor)
      expect(platform.sends.filter((send) => send.text === poison)).toHaveLength(2)
    }
    expect(platform.sends.filter((send) => send.chatId === 'blocked')).toHaveLength(1)
  })

  test('what the store refuses is stored without its content after its tries, and answered; so is what came with it', async () => {
    const platform = platformOf()
    let tries = 0
    const picky: Store = {
      ...store,
      write: (work) =>
        store.write((tx) =>
          work({
            ...tx,
            inbox: {
              accept(arrivals, ...rest) {
                if (arrivals.some(({ incoming: { text } }) => text === 'poison')) {
                  tries += 1
                  throw new ParleyError('DATA_REFUSED')
                }
                return tx.inbox.accept(arrivals, ...rest)
              },
            },
          }),
        ),
    }
    const { pipeline } = start({ platforms: [platform], answers: echo, store: picky })
    const began = performance.now()
    const stored = await pipeline.accept(
      ['ann', 'bob', 'eve'].map((who) =>
        incoming(platform.channel.name, who, who === 'bob' ? 'poison' : 'hello'),
      ),
    )
    expect(stored).toHaveLength(3)
    expect(performance.now() - began).toBeLessThan(3000)
    expect(tries).toBe(4)
    await vi.waitFor(() => expect(platform.inbox('eve')).toEqual(['you said hello']), waitFor)
    expect(platform.inbox('ann')).toEqual(['you said hello'])
    await vi.waitFor(() => expect(platform.inbox('bob')).toEqual(['you said ']), waitFor)
  })

  test('a store that refuses whatever comes confirms nothing', async () => {
    const platform = platformOf()
    const broken = storeWith(() => ({
      inbox: { accept: () => Promise.reject(new TypeError('on purpose')) },
    }))
    const { pipeline } = start({ platforms: [platform], answers: echo, store: broken })
    await expect(pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])).rejects.toThrow(
      'on purpose',
    )
  })

  test('a database away at the commit costs no second answer', async () => {
    const platform = platformOf()
    let refused = 0
    const flaky = storeWith((tx) => ({
      turns: {
        ...tx.turns,
        async commit(...args) {
          if (refused === 2) return tx.turns.commit(...args)
          refused += 1
          throw new ParleyError('DATABASE_UNAVAILABLE', undefined, { status: 503 })
        },
      },
    }))
    let asked = 0
    const answers = async () => answer(`answer ${(asked += 1)}`)
    const { pipeline } = start({ platforms: [platform], answers, store: flaky })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'how much?')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['answer 1']), waitFor)
    expect([refused, asked]).toEqual([2, 1])
  })

  test('a clock that leaps by months in mid-turn costs no second answer', async () => {
    const platform = platformOf()
    let leapt = 0
    const clock = { now: () => Date.now() + leapt }
    const { pipeline } = start({
      platforms: [platform],
      clock,
      answers: async () => {
        leapt += 90 * 86_400_000
        return answer(`answer ${leapt / (90 * 86_400_000)}`)
      },
    })
    const [stored] = await pipeline.accept([incoming(platform.channel.name, 'ann', 'how much?')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['answer 1']), waitFor)
    const turn = await store.read.turns.ofMessage(stored?.conversationId ?? '', 1)
    expect(turn?.durationMs).toBeLessThan(10_000)
  })

  test('a database that is also away when a turn is given back makes no try of it', async () => {
    const platform = platformOf()
    const away = () => new ParleyError('DATABASE_UNAVAILABLE', undefined, { status: 503 })
    let refused = 0
    const flaky = storeWith((tx) => ({
      turns: {
        ...tx.turns,
        async release(...args) {
          refused += 1
          if (refused < 3) throw away()
          return tx.turns.release(...args)
        },
      },
    }))
    let asked = 0
    const answers = async (turn: Turn) => {
      asked += 1
      if (asked === 1) throw away()
      return answer(`try ${turn.attempt}`)
    }
    const { pipeline } = start({
      platforms: [platform],
      answers,
      store: flaky,
      leaseMs: 300,
      maxTurnTries: 1,
    })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'hello')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['try 1']), waitFor)
    expect([refused, asked]).toEqual([3, 2])
  })

  test('a worker whose clock is behind that of the bell answers as soon as it is time by its own', async () => {
    const platform = platformOf()
    const behindMs = 300
    const worker = start({
      platforms: [platform],
      answers: echo,
      sweepMs: 60_000,
      clock: { now: () => Date.now() - behindMs },
    })
    worker.coordination.doorbell.ring('turn', await storedOnly(platform, 'ann', 'hello'))
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['you said hello']), { timeout: 5000 })
  })

  test('what is taken is answered, also when nothing can be read of what is not due yet', async () => {
    const platform = platformOf()
    const blind: Store = {
      ...store,
      read: {
        ...store.read,
        turns: { ...store.read.turns, later: () => Promise.reject(new Error('timeout')) },
      },
    }
    let asked = 0
    const answers = async (turn: Turn) => {
      asked = turn.attempt
      return echo(turn)
    }
    const { coordination } = start({ platforms: [platform], answers, store: blind, sweepMs: 500 })
    const conversationId = await storedOnly(platform, 'ann', 'hello')
    // The second bell has no work, in the same batch.
    for (const id of [conversationId, newId()]) coordination.doorbell.ring('turn', id)
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['you said hello']), waitFor)
    expect(asked).toBe(1)
  })

  test('one hanging chat delays nobody else, nor its own next turn', async () => {
    const platform = platformOf()
    const hang = Promise.withResolvers<undefined>()
    platform.onSend((message) => (message.text === 'slow' ? hang.promise : undefined))
    const turns: string[] = []
    const { pipeline } = start({
      platforms: [platform],
      answers: async (turn) => (turns.push(turn.text), answer(turn.text)),
    })
    await pipeline.accept([incoming(platform.channel.name, 'slow', 'slow')])
    await vi.waitFor(() => expect(platform.sends).toHaveLength(1), waitFor)
    await pipeline.accept([incoming(platform.channel.name, 'slow', 'next')])
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'quick')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['quick']), waitFor)
    await vi.waitFor(() => expect(turns).toContain('next'), waitFor)
    hang.resolve(undefined)
    await vi.waitFor(() => expect(platform.inbox('slow')).toEqual(['slow', 'next']), waitFor)
  })

  test('a wait for the whole account holds every chat until then', async () => {
    const platform = platformOf()
    const times: number[] = []
    const began = Date.now()
    platform.onSend((_, nth) => {
      times.push(Date.now() - began)
      return nth === 1
        ? { ok: false, fault: { kind: 'wait', ms: 300, scope: 'account', reason: '429' } }
        : undefined
    })
    const { pipeline } = start({ platforms: [platform], answers: echo })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'a')])
    await vi.waitFor(() => expect(platform.sends).toHaveLength(1), waitFor)
    await pipeline.accept([incoming(platform.channel.name, 'bob', 'b')])
    await vi.waitFor(() => expect(platform.inbox('bob')).toHaveLength(1), waitFor)
    await vi.waitFor(() => expect(platform.inbox('ann')).toHaveLength(1), waitFor)
    expect(Math.min(...times.slice(1))).toBeGreaterThanOrEqual((times[0] ?? 0) + 295)
  })

  test('a clock turned back by hours holds no chat up for hours', async () => {
    const platform = platformOf()
    const ahead = { ms: 3 * 3_600_000 }
    platform.onSend((_, nth) =>
      nth === 1
        ? { ok: false, fault: { kind: 'wait', ms: 100, scope: 'account', reason: '429' } }
        : undefined,
    )
    const clock = { now: () => Date.now() + ahead.ms }
    const { pipeline } = start({ platforms: [platform], answers: echo, clock })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'a')])
    await vi.waitFor(() => expect(platform.sends).toHaveLength(1), waitFor)
    ahead.ms = 0
    await pipeline.accept([incoming(platform.channel.name, 'bob', 'b')])
    await vi.waitFor(() => expect(platform.inbox('bob')).toHaveLength(1), waitFor)
  })

  test.each(['resend', 'hold'] as const)('a reply whose sender died: %s', async (uncertain) => {
    const platform = platformOf()
    const { name } = platform.channel
    const now = Date.now()
    const to = { channel: name, account: 'bot', chatId: 'ann', threadId: '', kind: 'private' as const }
    const post = (text: string) =>
      store.write((tx) => tx.outbox.post(to, { text, buttons: undefined }, 'queued', now))
    const { conversationId } = await post('in doubt')
    await store.write((tx) => tx.outbox.claim([conversationId], 'dead', now, now + 100))
    await post('next')
    start({ platforms: [platform], answers: echo, uncertain })
    await vi.waitFor(() => expect(platform.inbox('ann')).toContain('next'), waitFor)
    expect(platform.inbox('ann')).toEqual(uncertain === 'resend' ? ['in doubt', 'next'] : ['next'])
    await vi.waitFor(async () => {
      const rows = await store.read.messages.since(conversationId, 0, 10)
      expect(rows.map((row) => row.state)).toEqual([uncertain === 'resend' ? 'sent' : 'uncertain', 'sent'])
    }, waitFor)
  })

  test.each([
    ['resend', false],
    ['hold', false],
    ['resend', true],
    ['hold', true],
  ] as const)(
    'a reply whose answer got lost on the way back: %s; does not tell: %s',
    async (uncertain, isAnswered) => {
      const platform = platformOf()
      platform.onSend((_, nth) =>
        nth === 1 ? { ok: false, fault: { kind: 'unknown', reason: 'reset', isAnswered } } : undefined,
      )
      const { pipeline } = start({ platforms: [platform], answers: echo, uncertain })
      const [stored] = await pipeline.accept([incoming(platform.channel.name, 'ann', 'q')])
      const end = uncertain === 'resend' ? 'sent' : 'uncertain'
      await vi.waitFor(async () => {
        const rows = await store.read.messages.since(stored?.conversationId ?? '', 1, 10)
        expect(rows.map((row) => row.state)).toEqual([end])
      }, waitFor)
      expect(platform.sends).toHaveLength(uncertain === 'resend' ? 2 : 1)
    },
  )

  test('slow chats that go on writing take no place from the others', async () => {
    const platform = platformOf()
    const hang = Promise.withResolvers<undefined>()
    platform.onSend((message) => (message.chatId.startsWith('slow') ? hang.promise : undefined))
    const { pipeline } = start({ platforms: [platform], answers: echo, concurrency: 4 })
    for (const text of ['one', 'two']) {
      for (let chat = 0; chat < 3; chat += 1) {
        await pipeline.accept([incoming(platform.channel.name, `slow${chat}`, text)])
      }
      await vi.waitFor(() => expect(platform.sends).toHaveLength(3), waitFor)
    }
    await sleep(100)
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'quick')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toHaveLength(1), waitFor)
    hang.resolve(undefined)
  })

  test('what is answered leaves before more is, but a platform that hangs holds the others up for moments only', async () => {
    const [hanging, other] = [platformOf(), platformOf()]
    const hang = Promise.withResolvers<undefined>()
    hanging.onSend(() => hang.promise)
    let turns = 0
    const { pipeline } = start({
      platforms: [hanging, other],
      answers: async (turn) => ((turns += 1), echo(turn)),
      concurrency: 4,
    })
    const people = Array.from({ length: 40 }, (_, i) => `person${i}`)
    await Promise.all(people.map((person) => pipeline.accept([incoming(hanging.channel.name, person, 'hi')])))
    await vi.waitFor(() => expect(hanging.sends.length).toBeGreaterThan(2), waitFor)
    await sleep(150)
    const early = turns
    await pipeline.accept([incoming(other.channel.name, 'ann', 'quick')])
    await vi.waitFor(() => expect(turns).toBe(41), waitFor).finally(() => hang.resolve(undefined))
    expect(early).toBeLessThan(20)
    await vi.waitFor(() => expect(other.inbox('ann')).toEqual(['you said quick']), waitFor)
    for (const person of people)
      await vi.waitFor(() => expect(hanging.inbox(person)).toEqual(['you said hi']), waitFor)
  })

  test('what waits of another bot is neither answered nor sent, and leaves in order once that bot is back', async () => {
    const ours = platformOf()
    const { name } = ours.channel
    const another = createPlatform(name)
    const post = (text: string) =>
      store.write((tx) =>
        tx.outbox.post(
          { channel: name, account: 'bot', chatId: 'ann', threadId: '', kind: 'private' },
          { text, buttons: undefined },
          'queued',
          Date.now(),
        ),
      )
    await post('one')
    await post('two')
    const waiting = await storedOnly(ours, 'ann', 'q')
    const asked: string[] = []
    const answers = async (turn: Turn) => {
      asked.push(turn.text)
      return echo(turn)
    }
    const wrong = start({ platforms: [{ channel: { ...another.channel, account: 'other' } }], answers })
    // Bells rung by the bot before it, as they stand in Redis.
    wrong.coordination.doorbell.ring('turn', waiting)
    wrong.coordination.doorbell.ring('outbox', waiting)
    await wrong.pipeline.accept([incoming(name, 'ann', 'hi', { account: 'other' })])
    await vi.waitFor(() => expect(another.inbox('ann')).toEqual(['you said hi']), waitFor)
    await sleep(250)
    expect(asked).toEqual(['hi'])
    expect(another.sends).toHaveLength(1)
    await wrong.stop()

    // A reply that was looked at waits for a minute.
    start({ platforms: [ours], answers, clock: { now: () => Date.now() + 61_000 } })
    await vi.waitFor(() => expect(ours.inbox('ann')).toEqual(['one', 'two', 'you said q']), waitFor)
  })

  test('clean restarts in mid-turn are no tries of the message', async () => {
    const platform = platformOf()
    const { name } = platform.channel
    const waits = async (turn: Turn) => {
      await new Promise((resolve) => turn.signal.addEventListener('abort', resolve))
      return answer('never')
    }
    const first = startPipeline({ store, platforms: [platform], answers: waits, maxTurnTries: 2 })
    await first.pipeline.accept([incoming(name, 'ann', 'q')])
    for (let restart = 0, running = first; restart < 3; restart += 1) {
      await sleep(150)
      running.pipeline.abort()
      await running.stop()
      if (restart < 2)
        running = startPipeline({ store, platforms: [platform], answers: waits, maxTurnTries: 2 })
    }
    start({ platforms: [platform], answers: echo, maxTurnTries: 2 })
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['you said q']), waitFor)
  })

  test('an answer with characters PostgreSQL refuses is cleaned, not tried again and again', async () => {
    const platform = platformOf()
    let asked = 0
    const { pipeline } = start({
      platforms: [platform],
      answers: async () => {
        asked += 1
        return answer('a\0b\ud800c')
      },
    })
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'q')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['ab\ufffdc']), waitFor)
    expect(asked).toBe(1)
  })

  test('replies of a channel whose readers fetch are committed as sent, and told on the bus', async () => {
    const platform = platformOf({ delivery: 'pull' })
    const { pipeline, coordination } = start({
      platforms: [platform],
      answers: async (turn) => {
        if (turn.text === 'nothing') return answer('', { replies: [] })
        turn.preview('yo')
        await sleep(30)
        return echo(turn)
      },
    })
    const [stored] = await pipeline.accept([incoming(platform.channel.name, 'ann', 'hi')])
    const seen: string[] = []
    coordination.bus.subscribe(stored?.conversationId ?? '', (event) => {
      const about = { preview: 'text', changed: 'seq', typing: 'active', begun: 'conversationId' }[event.type]
      seen.push(`${event.type} ${new Map(Object.entries(event)).get(about)}`)
    })
    await vi.waitFor(() => expect(seen).toContain('changed 2'), waitFor)
    expect(seen).toEqual(['typing true', 'preview yo', 'changed 2'])
    const rows = await store.read.messages.since(stored?.conversationId ?? '', 0, 10)
    expect(rows.map((row) => `${row.state} ${row.text}`)).toEqual(['handled hi', 'sent you said hi'])
    expect(platform.sends).toEqual([])

    // Where nothing is said, nothing else would end the sign of typing.
    await pipeline.accept([incoming(platform.channel.name, 'ann', 'nothing')])
    await vi.waitFor(() => expect(seen).toContain('typing false'), waitFor)
    expect(seen.slice(3)).toEqual(['changed 3', 'typing true', 'changed 3', 'typing false'])
  })

  test('a stop in mid-turn leaves the message for the next process, which answers at once', async () => {
    const platform = platformOf()
    const first = start({
      platforms: [platform],
      answers: async (turn) => {
        await new Promise((resolve) => turn.signal.addEventListener('abort', resolve))
        turn.signal.throwIfAborted()
        return answer('never')
      },
    })
    await first.pipeline.accept([incoming(platform.channel.name, 'ann', 'q')])
    await sleep(50)
    first.pipeline.abort()
    await first.stop()
    start({ platforms: [platform], answers: echo })
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['you said q']), waitFor)
  })

  test('what an answer changes besides is in the same transaction', async () => {
    const platform = platformOf()
    const { pipeline } = start({
      platforms: [platform],
      answers: async (turn) =>
        answer('ok', {
          commit: async (tx) => {
            if (turn.attempt === 1) throw new Error('on purpose')
            await tx.conversations.summarize(turn.conversation.id, 'sum', 1)
          },
        }),
    })
    const [stored] = await pipeline.accept([incoming(platform.channel.name, 'ann', 'q')])
    await vi.waitFor(() => expect(platform.inbox('ann')).toEqual(['ok']), waitFor)
    expect((await store.read.conversations.get(stored?.conversationId ?? ''))?.summary).toBe('sum')
  })
})
