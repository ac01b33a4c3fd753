import { expect, test } from 'vitest'
import { median, quantile, slope } from './numbers.ts'

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([])).toBe(0)
})

test('a quantile is a value below which that share of the values is', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(quantile(hundred, 0.5)).toBe(51)
  expect(quantile(hundred, 0.99)).toBe(100)
  expect(quantile([], 0.5)).toBe(0)
})

test('the slope of a line is found through noise, and none through a single point', () => {
  const points = Array.from({ length: 50 }, (_, x) => ({ x, y: 7 + 3 * x + (x % 2 === 0 ? 1 : -1) }))
  expect(slope(points)).toBeCloseTo(3, 1)
  expect(slope([{ x: 1, y: 5 }])).toBe(0)
})
