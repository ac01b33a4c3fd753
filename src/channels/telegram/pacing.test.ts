import { expect, test } from 'vitest'
import { createPacing } from './pacing.ts'

function simulate(rate: { perChat: number; perGroupMinute: number; overall: number }) {
  let now = 1_000_000
  const pacing = createPacing(rate, { now: () => now })
  /** Sends `count` messages one after another as soon as allowed; returns when each left. */
  const sendAll = (chatId: string, count: number, kind: 'private' | 'group' = 'private'): number[] => {
    const left: number[] = []
    while (left.length < count) {
      const wait = pacing.ask({ chatId, kind })
      if (wait === 0) left.push(now)
      else now += wait
    }
    return left
  }
  return { pacing, sendAll }
}

/** The most that fall into any window of `ms`. */
const densest = (times: number[], ms: number): number =>
  Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + ms).length))

test('one chat: three at once, then one a second', () => {
  const left = simulate({ perChat: 1, perGroupMinute: 20, overall: 30 }).sendAll('1', 30)
  expect(left[2]).toBe(left[0])
  expect(densest(left, 3000)).toBe(3)
})

test('a group: twenty in any minute', () => {
  const left = simulate({ perChat: 1, perGroupMinute: 20, overall: 30 }).sendAll('-1', 60, 'group')
  expect(densest(left, 60_000)).toBe(20)
})

test('all chats: thirty in any second, and who waits is told to come in turn', () => {
  const { pacing } = simulate({ perChat: 1, perGroupMinute: 20, overall: 30 })
  const waits = Array.from({ length: 90 }, (_, n) => pacing.ask({ chatId: String(n), kind: 'private' }))
  expect(waits.slice(0, 30).every((wait) => wait === 0)).toBe(true)
  expect(waits.slice(30).every((wait, at, all) => wait > 1000 && wait > (all[at - 1] ?? 0))).toBe(true)
})

test('zero is no limit', () => {
  const left = simulate({ perChat: 0, perGroupMinute: 0, overall: 0 }).sendAll('-1', 500, 'group')
  expect(new Set(left).size).toBe(1)
})
