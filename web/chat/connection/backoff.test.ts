import { expect, test } from 'vitest'
import { backoff } from './backoff.ts'

test('waits double up to a longest, half of each is chance', () => {
  expect([0, 1, 2, 20, 5000].map((attempt) => backoff(attempt, () => 1))).toEqual([
    500, 1000, 2000, 15_000, 15_000,
  ])
  expect(backoff(1, () => 0)).toBe(500)
})
