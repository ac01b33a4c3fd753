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

test('of very many that are closed at once those closed longest ago are forgotten', async () => {
  const allowances = createMemoryAllowances(() => 1)
  const isClosed = async (key: string) => Boolean(await allowances.take([{ key, count: 0, ms: 0 }]))
  for (let nth = 0; nth <= 20_000; nth += 1) await allowances.close(`group ${nth}`, 3_600_000)
  expect([await isClosed('group 0'), await isClosed('group 10000'), await isClosed('group 20000')]).toEqual([
    false,
    true,
    true,
  ])
})

test('what is closed stays so for the longest time that was told', async () => {
  let now = 0
  const allowances = createMemoryAllowances(() => now)
  await allowances.close('a', 60_000)
  await allowances.close('a', 1000)
  for (now = 500; now < 60_000; now += 500) {
    await allowances.close('b', 100)
    expect(await allowances.take([{ key: 'a', count: 0, ms: 0 }])).toMatchObject({ ms: 60_000 - now })
  }
  now = 60_000
  expect(await allowances.take([{ key: 'a', count: 0, ms: 0 }])).toBeUndefined()
})
