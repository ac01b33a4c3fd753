import { expect, test } from 'vitest'
import { longPlans } from './plans.ts'
import { describeStep, lines, schedule } from './schedule.ts'

const first = (seed: number): string[] => {
  const { weights, livesMs, pauseMs } = longPlans.postgres
  return schedule({ seed, places: 5, weights, lines, livesMs, pauseMs })
    .take(500)
    .map((step) => `${step.afterMs} ${describeStep(step)}`)
    .toArray()
}

test('a seed repeats its schedule; another seed has another', () => {
  expect(first(7)).toEqual(first(7))
  expect(first(8)).not.toEqual(first(7))
})

test('everything that can go wrong is in it', () => {
  const kinds = new Set(first(7).map((line) => line.split(' ')[1]))
  expect(kinds).toEqual(new Set(Object.keys(longPlans.postgres.weights)))
})
