import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ParleyError } from '../model/errors.ts'
import { createBatch } from './batch.ts'

test('calls that arrive together are one flush, answered each its own', async () => {
  const flushes: number[][] = []
  const double = createBatch<number, number>({
    size: 3,
    gatherMs: 0,
    async flush(items) {
      flushes.push(items)
      return items.map((item) => item * 2)
    },
  })
  expect(await Promise.all([1, 2, 3, 4, 5].map(double))).toEqual([2, 4, 6, 8, 10])
  expect(flushes).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
})

test('a bad item fails alone', async () => {
  const half = createBatch<number, number>({
    size: 10,
    gatherMs: 0,
    async flush(items) {
      if (items.includes(0)) throw new Error('zero')
      return items
    },
  })
  const results = await Promise.allSettled([1, 0, 2].map(half))
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('a database that is away is not asked again for each item', async () => {
  let asked = 0
  const batch = createBatch<number, number>({
    size: 10,
    gatherMs: 0,
    async flush() {
      asked += 1
      throw new ParleyError('DATABASE_UNAVAILABLE')
    },
  })
  const results = await Promise.allSettled([1, 2, 3].map(batch))
  expect(results.every((result) => result.status === 'rejected')).toBe(true)
  expect(asked).toBe(1)
})

test('several whose flush took its time are followed by a pause in which others join; one alone is not', async () => {
  const flushes: number[] = []
  const slow = createBatch<number, number>({
    size: 10,
    gatherMs: 20,
    async flush(items) {
      flushes.push(items.length)
      await sleep(8)
      return items
    },
  })
  const call = async (): Promise<void> => void (await slow(0))
  await Promise.all([call(), call()])
  const began = performance.now()
  const later = [call(), sleep(4).then(call)]
  await Promise.all(later)
  expect(flushes).toEqual([2, 2])
  expect(performance.now() - began).toBeLessThan(200)
  await sleep(30)
  await call()
  await call()
  expect(flushes).toEqual([2, 2, 1, 1])
})
