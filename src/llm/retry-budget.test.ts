import { expect, test } from 'vitest'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'

function setup(share: number) {
  let time = 0
  const budget = createRetryBudget({ share, clock: { now: () => time } })
  return { budget, pass: (ms: number) => (time += ms) }
}

const taken = (budget: RetryBudget, wanted: number): number =>
  Array.from({ length: wanted }, () => budget.take()).filter(Boolean).length

test('a reserve at once, then a share of what is asked', () => {
  const { budget } = setup(1 / 16)
  expect(taken(budget, 50)).toBe(10)
  for (let count = 0; count < 80; count += 1) budget.asked()
  expect(taken(budget, 50)).toBe(5)
})

test('one comes back every ten seconds, up to the reserve', () => {
  const { budget, pass } = setup(0)
  expect(taken(budget, 50)).toBe(10)
  pass(9_999)
  expect(taken(budget, 50)).toBe(0)
  pass(20_001)
  expect(taken(budget, 50)).toBe(3)
  pass(86_400_000)
  for (let count = 0; count < 1000; count += 1) budget.asked()
  expect(taken(budget, 50)).toBe(10)
})
