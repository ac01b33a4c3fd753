import { expect, test } from 'vitest'
import { backoff, createPatience } from './backoff.ts'

test('waits double up to a longest, half of each is chance', () => {
  expect([0, 1, 2, 20, 5000].map((attempt) => backoff(attempt, () => 1))).toEqual([
    500, 1000, 2000, 15_000, 15_000,
  ])
  expect(backoff(1, () => 0)).toBe(500)
})

test('only a connection that lasted starts the waits anew', () => {
  let time = 0
  const patience = createPatience(
    () => 1,
    () => time,
  )
  const lose = (after: number) => {
    patience.greeted()
    time += after
    return patience.lost()
  }
  expect([lose(10), lose(10), lose(10), lose(10_000)]).toEqual([500, 1000, 2000, 500])
})
