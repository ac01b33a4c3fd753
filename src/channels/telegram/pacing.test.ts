import { expect, test } from 'vitest'
import { createMemoryAllowances } from '../../coordination/memory/allowances.ts'
import { createPacing } from './pacing.ts'

function simulate(rate: { perChat: number; perGroupMinute: number; overall: number }) {
  let now = 1_000_000
  const pacing = createPacing(rate, '1', () => createMemoryAllowances(() => now))
  /** Sends `count` messages one after another as soon as allowed; returns when each left. */
  const sendAll = async (
    chatId: string,
    count: number,
    kind: 'private' | 'group' = 'private',
  ): Promise<number[]> => {
    const left: number[] = []
    while (left.length < count) {
      const wait = await pacing.ask({ chatId, kind })
      if (wait) now += wait.ms
      else left.push(now)
    }
    return left
  }
  return { pacing, sendAll, passes: (ms: number) => void (now += ms) }
}

/** The most that fall into any window of `ms`. */
const densest = (times: number[], ms: number): number =>
  Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + ms).length))

test('one chat: three at once, then one a second', async () => {
  const left = await simulate({ perChat: 1, perGroupMinute: 20, overall: 30 }).sendAll('1', 30)
  expect(left[2]).toBe(left[0])
  expect(densest(left, 3000)).toBe(3)
})

test('a group: twenty in any minute', async () => {
  const left = await simulate({ perChat: 1, perGroupMinute: 20, overall: 30 }).sendAll('-1', 60, 'group')
  expect(densest(left, 60_000)).toBe(20)
})

test('all chats: thirty in any second, and who waits is told to come in turn', async () => {
  const { pacing } = simulate({ perChat: 1, perGroupMinute: 20, overall: 30 })
  const waits: number[] = []
  for (let chat = 0; chat < 90; chat += 1)
    waits.push((await pacing.ask({ chatId: String(chat), kind: 'private' }))?.ms ?? 0)
  expect(waits.slice(0, 30).every((wait) => wait === 0)).toBe(true)
  expect(waits.slice(30).every((wait, at, all) => wait > 1000 && wait > (all[at - 1] ?? 0))).toBe(true)
})

test('zero is no limit, but a bot told to wait waits', async () => {
  const { pacing, sendAll, passes } = simulate({ perChat: 0, perGroupMinute: 0, overall: 0 })
  const left = await sendAll('-1', 500, 'group')
  expect(new Set(left).size).toBe(1)
  pacing.close(5000)
  pacing.close(1000)
  passes(4000)
  expect(await pacing.ask({ chatId: '2', kind: 'private' })).toEqual({ ms: 1000, scope: 'account' })
  passes(1000)
  expect(await pacing.ask({ chatId: '2', kind: 'private' })).toBeUndefined()
})
