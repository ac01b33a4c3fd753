import { expect, test } from 'vitest'
import { createSharedCheck } from './shared-check.ts'

/** A check that is answered by hand, and a clock that is turned by hand. */
function setup() {
  const asked: PromiseWithResolvers<void>[] = []
  let time = 0
  const shared = createSharedCheck(
    () => {
      const one = Promise.withResolvers<void>()
      asked.push(one)
      return one.promise
    },
    { now: () => time },
  )
  const turn = (ms: number): void => {
    time += ms
  }
  return { shared, asked, turn }
}

test('whoever asks within a second shares an answer, the good and the bad', async () => {
  const { shared, asked, turn } = setup()
  const first = [shared(), shared()]
  asked[0]?.resolve()
  await Promise.all(first)
  turn(999)
  await shared()
  expect(asked).toHaveLength(1)
  turn(1)
  const second = [shared(), shared()]
  asked[1]?.reject(new Error('down'))
  for (const answer of [...second, shared()]) await expect(answer).rejects.toThrow('down')
  expect(asked).toHaveLength(2)
})

test('one under way is waited for, and not asked again', async () => {
  const { shared, asked, turn } = setup()
  const early = shared()
  turn(60_000)
  const late = shared()
  asked[0]?.resolve()
  await Promise.all([early, late])
  expect(asked).toHaveLength(1)
  void shared()
  expect(asked).toHaveLength(2)
})

test('a clock set back keeps nothing fresh', async () => {
  const { shared, asked, turn } = setup()
  const early = shared()
  asked[0]?.resolve()
  await early
  turn(-3_600_000)
  void shared()
  expect(asked).toHaveLength(2)
})
