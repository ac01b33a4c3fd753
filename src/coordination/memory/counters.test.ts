import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createMemoryCounters } from './counters.ts'

test('a window begins with the first hit and lets the limit through', async () => {
  let now = 0
  const counters = createMemoryCounters(() => now)
  const hit = () => counters.hit('a', 2, 1000)
  expect([await hit(), await hit()]).toEqual([
    { allowed: true, retryAfterMs: 0 },
    { allowed: true, retryAfterMs: 0 },
  ])
  now = 400
  expect(await hit()).toEqual({ allowed: false, retryAfterMs: 600 })
  now = 999.5
  expect(await hit()).toEqual({ allowed: false, retryAfterMs: 1 })
  now = 1000
  expect(await hit()).toMatchObject({ allowed: true })
})

test('a million addresses do not fill the memory, and those that come back are still counted', async () => {
  const counters = createMemoryCounters(() => 0)
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  const before = process.memoryUsage().heapUsed
  for (let address = 0; address < 1_000_000; address += 1) await counters.hit(`ip:${address}`, 1, 60_000)
  expect(await counters.hit('ip:999999', 1, 60_000)).toMatchObject({ allowed: false })
  expect(await counters.hit('ip:980000', 1, 60_000)).toMatchObject({ allowed: false })
  expect(await counters.hit('ip:3', 1, 60_000)).toMatchObject({ allowed: true })
  collect()
  expect((process.memoryUsage().heapUsed - before) / 1_048_576).toBeLessThan(20)
  await counters.hit('still used', 1, 60_000)
})

test('what ended is forgotten without an attack as well', async () => {
  let now = 0
  const counters = createMemoryCounters(() => now)
  for (let round = 0; round < 5; round += 1) {
    expect(await counters.hit('a', 1, 1000)).toMatchObject({ allowed: true })
    expect(await counters.hit('a', 1, 1000)).toMatchObject({ allowed: false })
    now += 999
    expect(await counters.hit('a', 1, 1000)).toMatchObject({ allowed: false })
    expect(await counters.hit(`b${round}`, 1, 10)).toMatchObject({ allowed: true })
    now += 1
  }
})
