import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../support/stores.ts'
import { shortPlans } from './plans.ts'
import { storm } from './storm.ts'
import { wrongIn } from './table.ts'

const seed = Number(process.env.CRASH_SEED ?? 1)
const kills = { postgres: 8, sqlite: 5 }

describe.concurrent(`a storm, seed ${seed}`, () => {
  test.each(databaseKinds)(
    'on %s: nothing lost, out of order or doubled without a reason',
    { timeout: 240_000 },
    async (kind) => {
      const outcome = await storm({
        ...shortPlans[kind],
        kind,
        receive: 'webhook',
        seed,
        kills: kills[kind],
        messages: 0,
        minutes: 1,
      })
      expect(wrongIn(outcome)).toEqual([])
      expect(outcome.counts.kills()).toBeGreaterThan(0)
      expect(outcome.asked).toBeGreaterThan(0)
    },
  )
})
