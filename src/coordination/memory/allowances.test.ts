import { expect, test } from 'vitest'
import { createMemoryAllowances } from './allowances.ts'

test('what still counts is kept from one generation to the next, what does not is forgotten', async () => {
  let now = 0
  const allowances = createMemoryAllowances(() => now)
  const take = (key: string, ms: number) => allowances.take([{ key, count: 2, ms }])
  expect([await take('a', 1000), await take('group', 60_000), await take('group', 60_000)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  for (now = 900; now < 60_000; now += 900) {
    expect(await take('a', 1000)).toBeUndefined()
    expect(await take('a', 1000)).toEqual({ key: 'a', ms: 100, closed: false })
    expect(await take('group', 60_000)).toEqual({ key: 'group', ms: 60_000 - now, closed: false })
  }
  now = 60_000
  expect(await take('group', 60_000)).toBeUndefined()
})
