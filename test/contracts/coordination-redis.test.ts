import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { BusEvent, Coordination } from '../../src/coordination/coordination.ts'
import { createEvents, type Events } from '../../src/ops/events.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { joinRedis, ownPrefix } from '../support/redis.ts'
import { startRedis, type TestRedis } from '../support/servers/redis.ts'

/** What several processes get from one Redis, and what becomes of them when it is away, hangs or forgets. */
let redis: TestRedis
const joined: Coordination[] = []
beforeAll(async () => {
  redis = await startRedis()
})
afterEach(async () => {
  redis.signal('SIGCONT')
  for (const one of joined.splice(0)) await one.close()
})
afterAll(() => redis.stop())

async function join(prefix: string, events?: Events): Promise<Coordination> {
  const coordination = await joinRedis(redis.url, prefix, events)
  joined.push(coordination)
  return coordination
}

async function restart(): Promise<void> {
  await redis.stop()
  redis = await startRedis(redis.port)
}

const up = (coordination: Coordination) =>
  vi.waitFor(() => coordination.check(), { timeout: 10_000, interval: 20 })
const changed = (conversationId: string, seq: number): BusEvent => ({ type: 'changed', conversationId, seq })

describe('the doorbell', () => {
  test('what one process rings another serves; of two that listen each serves some of a burst', async () => {
    const prefix = ownPrefix()
    const [api, one, two] = [await join(prefix), await join(prefix), await join(prefix)]
    const served: string[][] = [[], []]
    for (const [index, { doorbell }] of [one, two].entries()) {
      doorbell.listen('turn', 100, async (id) => {
        served[index]?.push(id)
        await sleep(20)
      })
    }
    await Promise.all([up(one), up(two)])
    await sleep(50)
    for (let id = 0; id < 30; id += 1) api.doorbell.ring('turn', String(id))
    await vi.waitFor(() => expect(new Set(served.flat()).size).toBe(30))
    expect(served.flat()).toHaveLength(30)
    expect(Math.min(...served.map((ids) => ids.length))).toBeGreaterThan(5)
  })

  test('rings nobody listens to are one ring, in the order of the first, and the set has an end', async () => {
    const prefix = ownPrefix()
    const api = await join(prefix)
    for (const id of ['a', 'b', 'a']) {
      api.doorbell.ring('turn', id)
      await sleep(10)
    }
    const client = new Redis(redis.url)
    expect(await client.zrange(`${prefix}:bell:turn`, 0, -1)).toEqual(['a', 'b'])
    for (let id = 0; id < 102_000; id += 1) {
      api.doorbell.ring('outbox', String(id))
      if (id % 1000 === 0) await sleep(1)
    }
    await vi.waitFor(async () => expect(await client.zcard(`${prefix}:bell:outbox`)).toBe(100_000))
    await client.flushall()
    client.disconnect()
  })

  test('who stops hands on what waits, and rings for the others to the last', async () => {
    const prefix = ownPrefix()
    const first = await join(prefix)
    const served: string[] = []
    const begun: string[] = []
    const gate = Promise.withResolvers<void>()
    first.doorbell.listen('turn', 2, async (id) => {
      begun.push(id)
      await gate.promise
      first.doorbell.ring('turn', `after ${id}`)
    })
    for (const id of ['a', 'b', 'c']) first.doorbell.ring('turn', id)
    await vi.waitFor(() => expect(begun.toSorted()).toEqual(['a', 'b']))
    const closed = first.close()
    gate.resolve()
    await closed
    const second = await join(prefix)
    second.doorbell.listen('turn', 10, async (id) => void served.push(id))
    await vi.waitFor(() => expect(served.toSorted()).toEqual(['after a', 'after b', 'c']), { timeout: 4000 })
  })

  test('without Redis a listener serves its own rings, others drop theirs, and all goes on when it is back', async () => {
    const prefix = ownPrefix()
    const [api, worker] = [await join(prefix), await join(prefix)]
    const served: string[] = []
    worker.doorbell.listen('turn', 10, async (id) => void served.push(id))
    await up(worker)
    redis.signal('SIGKILL')
    await vi.waitFor(() => expect(api.check()).rejects.toThrow(/./))
    api.doorbell.ring('turn', 'dropped')
    worker.doorbell.ring('turn', 'swept')
    await vi.waitFor(() => expect(served).toEqual(['swept']))
    await restart()
    await Promise.all([up(api), up(worker)])
    api.doorbell.ring('turn', 'afterwards')
    await vi.waitFor(() => expect(served).toEqual(['swept', 'afterwards']))
  })

  test('a flush loses what waits and nothing else', async () => {
    const prefix = ownPrefix()
    const [api, worker] = [await join(prefix), await join(prefix)]
    api.doorbell.ring('turn', 'lost')
    await sleep(20)
    const client = new Redis(redis.url)
    await client.flushall()
    client.disconnect()
    const served: string[] = []
    worker.doorbell.listen('turn', 10, async (id) => void served.push(id))
    api.doorbell.ring('turn', 'kept')
    await vi.waitFor(() => expect(served).toEqual(['kept']))
  })

  test('a Redis that hangs is given up after two seconds; nothing waits for it', async () => {
    const metrics = createMetrics({ process: false })
    const events = createEvents({ log: createLog('silent'), metrics })
    const prefix = ownPrefix()
    const [api, worker] = [await join(prefix, events), await join(prefix)]
    const served: string[] = []
    worker.doorbell.listen('turn', 10, async (id) => void served.push(id))
    await up(worker)
    redis.signal('SIGSTOP')
    worker.doorbell.ring('turn', 'own')
    const began = Date.now()
    for (let hit = 0; hit < 3; hit += 1) await api.counters.hit('a', 2, 60_000)
    expect(await api.counters.hit('a', 2, 60_000)).toMatchObject({ allowed: false })
    expect(Date.now() - began).toBeLessThan(1800)
    await vi.waitFor(() => expect(served).toEqual(['own']), { timeout: 4000 })
    const dropped = /redis_operations_total\{operation="count",status="dropped"\} [1-9]/
    await vi.waitFor(
      async () => {
        await api.counters.hit('b', 2, 60_000)
        expect(await metrics.registry.metrics()).toMatch(dropped)
      },
      { timeout: 4000 },
    )
    redis.signal('SIGCONT')
    await Promise.all([up(api), up(worker)])
    api.doorbell.ring('turn', 'afterwards')
    await vi.waitFor(() => expect(served).toContain('afterwards'))
  })
})

describe('the bus', () => {
  test('every process hears every event once, its own too', async () => {
    const prefix = ownPrefix()
    const [one, two] = [await join(prefix), await join(prefix)]
    const heard: [BusEvent[], BusEvent[]] = [[], []]
    one.bus.subscribe('a', (event) => heard[0].push(event))
    two.bus.subscribe('a', (event) => heard[1].push(event))
    await vi.waitFor(() => expect(heard.map((events) => events.length >= 1)).toEqual([true, true]))
    for (const events of heard) events.length = 0
    const preview = {
      type: 'preview',
      conversationId: 'a',
      turnId: 't',
      attempt: 2,
      text: 'Привет "quoted"',
    } as const
    one.bus.publish(preview)
    expect(heard[0]).toEqual([preview])
    two.bus.publish(changed('a', 7))
    await vi.waitFor(() => expect(heard.map((events) => events.length)).toEqual([2, 2]))
    await sleep(50)
    expect(heard[0]).toEqual([preview, changed('a', 7)])
    expect(heard[1]).toEqual(
      [changed('a', 7), preview].toSorted((x) => (x.type === heard[1][0]?.type ? -1 : 1)),
    )
  })

  test('what was said before the subscription stood is made good by a look at the rows', async () => {
    const { bus } = await join(ownPrefix())
    const heard: BusEvent[] = []
    bus.subscribe('a', (event) => heard.push(event))
    await vi.waitFor(() => expect(heard[0]).toEqual(changed('a', 0)))
  })

  test('a topic nobody listens to is not subscribed at Redis, nor one of another installation heard', async () => {
    const prefix = ownPrefix()
    const [one, other] = [await join(prefix), await join(ownPrefix())]
    const heard: BusEvent[] = []
    const leave = one.bus.subscribe('a', (event) => heard.push(event))
    const client = new Redis(redis.url)
    const channels = () => client.pubsub('CHANNELS', `${prefix}:bus:*`)
    await vi.waitFor(async () => expect(await channels()).toEqual([`${prefix}:bus:a`]))
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0))
    heard.length = 0
    other.bus.publish(changed('a', 1))
    await client.publish(`${prefix}:bus:a`, 'nonsense of somebody else')
    await client.publish(`${prefix}:bus:a`, `123456789012${JSON.stringify({ type: 'new kind' })}`)
    await sleep(50)
    expect(heard.filter((event) => event.type !== 'changed' || event.seq !== 0)).toEqual([])
    leave()
    await vi.waitFor(async () => expect(await channels()).toEqual([]))
    client.disconnect()
  })

  test('while Redis is away and when it is back everybody is told to look, within seconds', async () => {
    const prefix = ownPrefix()
    const [one, two] = [await join(prefix), await join(prefix)]
    const looks = new Map<string, number>()
    for (let topic = 0; topic < 50; topic += 1) {
      one.bus.subscribe(String(topic), ({ conversationId }) =>
        looks.set(conversationId, (looks.get(conversationId) ?? 0) + 1),
      )
    }
    await up(one)
    await vi.waitFor(() => expect(looks.size).toBe(50))
    await sleep(3500)
    looks.clear()
    await sleep(500)
    expect(looks.size).toBe(0)
    redis.signal('SIGKILL')
    await vi.waitFor(() => expect(looks.size).toBe(50), { timeout: 4500 })
    await vi.waitFor(() => expect(Math.min(...looks.values())).toBe(2), { timeout: 4500 })
    await restart()
    looks.clear()
    await Promise.all([up(one), up(two)])
    await vi.waitFor(() => expect(looks.size).toBe(50), { timeout: 4500 })
    await sleep(3500)
    looks.clear()
    two.bus.publish(changed('7', 3))
    await vi.waitFor(() => expect([...looks]).toEqual([['7', 1]]))
  })

  test('a process that could not publish says so when it can again', async () => {
    const prefix = ownPrefix()
    const [api, worker] = [await join(prefix), await join(prefix)]
    const heard: BusEvent[] = []
    api.bus.subscribe('a', (event) => heard.push(event))
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0))
    await sleep(3500)
    heard.length = 0
    const client = new Redis(redis.url)
    const list = String(await client.client('LIST'))
    const own = list.split('\n').filter((line) => line.includes(`name=${prefix}-commands`))
    for (const line of own) await client.client('KILL', 'ID', Number(/id=(\d+)/.exec(line)?.[1]))
    await vi.waitFor(() => expect(worker.check()).rejects.toThrow('away'), { interval: 1 })
    worker.bus.publish(changed('a', 9))
    await vi.waitFor(() => expect(heard).toEqual([changed('a', 0)]), { timeout: 4000 })
    client.disconnect()
  })
})

describe('counters', () => {
  test('all processes count together, also when all come at once', async () => {
    const prefix = ownPrefix()
    const all = await Promise.all([join(prefix), join(prefix), join(prefix)])
    const hits = await Promise.all(
      Array.from({ length: 30 }, () => all)
        .flat()
        .map(({ counters }) => counters.hit('key', 60, 60_000)),
    )
    expect(hits.filter(({ allowed }) => allowed)).toHaveLength(60)
  })
})

describe('allowances', () => {
  const most = { key: 'bot', count: 30, ms: 1000 }

  test('all processes take together; what one closes is closed to the others, and to one that comes later', async () => {
    const prefix = ownPrefix()
    const all = await Promise.all([join(prefix), join(prefix)])
    const taken = await Promise.all(
      Array.from({ length: 40 }, () => all)
        .flat()
        .map(({ allowances }) => allowances.take([most])),
    )
    expect(taken.filter((lack) => lack === undefined)).toHaveLength(30)
    await all[0]?.allowances.close('bot', 60_000)
    expect(await all[1]?.allowances.take([most])).toMatchObject({ closed: true })
    const later = await join(prefix)
    expect(await later.allowances.take([most])).toMatchObject({ closed: true })
  })

  test('while Redis is away each has its share, after a window in which nothing is taken', async () => {
    const prefix = ownPrefix()
    const all = await Promise.all([join(prefix), join(prefix), join(prefix)])
    for (const one of [...all, ...all]) await one.allowances.take([most])
    await redis.stop()
    const taken: { asked: number; at: number }[] = []
    const until = performance.now() + 2500
    const sends = async ({ allowances }: Coordination): Promise<void> => {
      while (performance.now() < until) {
        const asked = performance.now()
        const lack = await allowances.take([most])
        if (lack) await sleep(lack.ms)
        else taken.push({ asked, at: performance.now() })
      }
    }
    const began = performance.now()
    await Promise.all(all.map(sends))
    expect((taken[0]?.at ?? 0) - began).toBeGreaterThan(990)
    // Taken at some time between the two: on a busy machine we hear of it late.
    for (const { asked: from } of taken)
      expect(taken.filter(({ asked, at }) => asked >= from && at < from + 990).length).toBeLessThanOrEqual(30)
    expect(taken.length).toBeGreaterThan(30)
    redis = await startRedis(redis.port)
    await Promise.all(all.map(up))
    expect(await all[0]?.allowances.take([most])).toMatchObject({ closed: false })
  })
})

describe('scripts', () => {
  test('go to Redis once; after a flush, or a start, it is told them again and all still count together', async () => {
    const prefix = ownPrefix()
    const [one, other] = [await join(prefix), await join(prefix)]
    const few = { key: 'bot', count: 3, ms: 60_000 }
    const client = new Redis(redis.url)
    await client.config('RESETSTAT')
    await client.script('FLUSH')
    for (let round = 0; round < 3; round += 1) {
      expect(await one.counters.hit('a', 3, 60_000)).toMatchObject({ allowed: true })
      expect(await other.allowances.take([few])).toBeUndefined()
      if (round === 1) await client.script('FLUSH')
    }
    expect(await other.counters.hit('a', 3, 60_000)).toMatchObject({ allowed: false })
    expect(await one.allowances.take([few])).toMatchObject({ key: 'bot', closed: false })
    const stats = await client.info('commandstats')
    expect(Number(/cmdstat_eval:calls=(\d+)/.exec(stats)?.[1])).toBeLessThanOrEqual(6)
    expect(Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1])).toBeGreaterThanOrEqual(8)
    client.disconnect()

    await restart()
    await Promise.all([one, other].map(up))
    expect(await one.counters.hit('a', 1, 60_000)).toMatchObject({ allowed: true })
    expect(await other.counters.hit('a', 1, 60_000)).toMatchObject({ allowed: false })
  })
})

describe('the start', () => {
  test('waits for no Redis that is away, and works when it comes', async () => {
    await redis.stop()
    const began = Date.now()
    const coordination = await join(ownPrefix())
    expect(Date.now() - began).toBeLessThan(1000)
    await expect(coordination.check()).rejects.toThrow('away')
    expect(await coordination.counters.hit('a', 1, 1000)).toMatchObject({ allowed: true })
    redis = await startRedis(redis.port)
    await up(coordination)
  })

  test('a password that is refused ends it, and is not told', async () => {
    const url = redis.url.replace('//', '//someone:hunter2@')
    await expect(joinRedis(url, ownPrefix())).rejects.toThrow(/^REDIS_URL: Redis refuses us: (?!.*hunter2)/)
    const client = new Redis(redis.url)
    await client.config('SET', 'requirepass', 'x')
    await expect(joinRedis(redis.url, ownPrefix())).rejects.toThrow(/NOAUTH/)
    await (await joinRedis(redis.url.replace('//', '//:x@'), ownPrefix())).close()
    await client.config('SET', 'requirepass', '')
    client.disconnect()
  })
})
