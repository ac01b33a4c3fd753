import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryAllowances } from '../memory/allowances.ts'
import { createRedisAllowances } from './allowances.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const most = { key: 'bot', count: 30, ms: 1000 }

/** A Redis that counts nothing, knows `known` processes and answers after `ms` milliseconds; with `undefined` it is away. */
function createRedis() {
  const redis = { known: 3, ms: 1 as number | undefined, joins: 0 }
  const allowances = createRedisAllowances({
    async run(_, { text }, compose) {
      const { args } = compose()
      const isJoin = text.includes('ZREMRANGEBYSCORE')
      if (isJoin) redis.joins += 1
      const { ms, known } = redis
      if (ms === undefined) throw new Error('Redis is away')
      await new Promise((resolve) => setTimeout(resolve, ms))
      // One allowance an ask: its size, its count and its time.
      return isJoin ? null : [known, ...Array.from({ length: args.length / 3 }, () => [0, 0, 0])]
    },
    prefix: 'test',
    alone: createMemoryAllowances(() => performance.now()),
  })
  /** Takes as soon as it may, for so long; returns the times at which it did. */
  async function takes(forMs: number): Promise<number[]> {
    const times: number[] = []
    const end = performance.now() + forMs
    const going = (async () => {
      while (performance.now() < end) {
        const lack = await allowances.take([most])
        if (!lack) times.push(performance.now())
        await new Promise((resolve) => setTimeout(resolve, lack?.ms ?? 1))
      }
    })()
    await vi.advanceTimersByTimeAsync(forMs + 2000)
    await going
    return times
  }
  return { redis, allowances, takes }
}

test('a slow answer now and then costs its moment, also to many at once', async () => {
  const { redis, allowances, takes } = createRedis()
  await takes(100)
  redis.ms = 250
  const slow = Promise.all(Array.from({ length: 20 }, () => allowances.take([most])))
  await vi.advanceTimersByTimeAsync(300)
  expect(new Set((await slow).map((lack) => lack?.ms))).toEqual(new Set([200]))
  redis.ms = 1
  expect((await takes(100)).length).toBeGreaterThan(20)
})

test('who counts alone does so after a window, and takes nothing in the window after it', async () => {
  const { redis, takes } = createRedis()
  const before = (await takes(100)).at(-1) ?? 0
  redis.ms = undefined
  const alone = await takes(1500)
  expect((alone[0] ?? 0) - before).toBeGreaterThanOrEqual(1000)
  expect(alone).toHaveLength(10)
  redis.ms = 1
  const later = await takes(4000)
  expect(later.length).toBeGreaterThan(100)
  expect((later[0] ?? 0) - (alone.at(-1) ?? 0)).toBeGreaterThanOrEqual(1000)
})

test('a pause that still runs is not begun anew', async () => {
  const { redis, allowances, takes } = createRedis()
  await takes(100)
  redis.ms = undefined
  const awayAt = performance.now()
  for (let at = 0; at < 4; at += 1) {
    expect(await allowances.take([most])).toMatchObject({ closed: false })
    await vi.advanceTimersByTimeAsync(220)
  }
  redis.ms = 1
  const [first = 0] = await takes(1500)
  expect(first - awayAt).toBeGreaterThanOrEqual(1000)
  expect(first - awayAt).toBeLessThan(1200)
})

test('a flushed Redis is told at once who takes, and nobody takes the share of those it forgot', async () => {
  const { redis, takes } = createRedis()
  await takes(100)
  expect(redis.joins).toBe(1)
  redis.known = 0
  await takes(10)
  expect(redis.joins).toBe(2)
  redis.ms = undefined
  expect(await takes(1500)).toHaveLength(10)
})

test('those who are gone for a minute leave their share', async () => {
  const { redis, takes } = createRedis()
  await takes(100)
  redis.known = 1
  await vi.advanceTimersByTimeAsync(61_000)
  await takes(10)
  redis.ms = undefined
  expect(await takes(1500)).toHaveLength(30)
})
