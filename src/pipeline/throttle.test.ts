import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createThrottle } from './throttle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first value at once, then the latest of each interval', () => {
  const passed: number[] = []
  const throttle = createThrottle<number>(40, (value) => passed.push(value))
  throttle.push(1)
  throttle.push(2)
  throttle.push(3)
  expect(passed).toEqual([1])
  vi.advanceTimersByTime(40)
  expect(passed).toEqual([1, 3])
  vi.advanceTimersByTime(400)
  throttle.push(4)
  expect(passed).toEqual([1, 3, 4])
})

test('nothing after the end', () => {
  const passed: number[] = []
  const throttle = createThrottle<number>(40, (value) => passed.push(value))
  throttle.push(1)
  throttle.push(2)
  throttle.end()
  throttle.push(3)
  vi.advanceTimersByTime(100)
  expect(passed).toEqual([1])
})
