import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTurnedClock } from '../../../test/support/clock.ts'
import { createTestStore, type TestStore } from '../../../test/support/stores.ts'
import { createRestartSign } from './restart-sign.ts'

const minuteMs = 60_000
const clock = createTurnedClock('2026-03-01T10:00:00Z')
let place: TestStore
beforeAll(async () => {
  place = await createTestStore('sqlite')
})
afterAll(() => place.drop())

/** A process that starts and looks twice. */
async function starts() {
  const sign = createRestartSign({ store: await place.another(), clock })
  const first = await sign.look()
  expect(await sign.look()).toEqual(first)
  return first
}

test('four starts within half an hour, and no longer than that', async () => {
  const told = { kind: 'restarts', starts: 4 }
  for (const expected of [undefined, undefined, undefined, told]) {
    expect(await starts()).toEqual(expected)
    clock.passes(8 * minuteMs)
  }
  // The first is 32 minutes ago, and the second 24.
  expect(await starts()).toEqual(told)
  clock.passes(25 * minuteMs)
  expect(await starts()).toBeUndefined()
})

test('those of a clock that was ahead do not count', async () => {
  clock.passes(86_400_000)
  for (let left = 4; left > 0; left -= 1) await starts()
  clock.passes(-2 * 86_400_000)
  expect(await starts()).toBeUndefined()
})
