import { describe, expect, test } from 'vitest'
import type { FaultPoint } from '../../src/model/fault.ts'
import { databaseKinds } from '../support/stores.ts'
import { killAtEachPoint } from './kill.ts'
import { createRandom } from './random.ts'

const seed = Number(process.env.CRASH_SEED ?? 1)
/** Kills at each point. */
const rounds = Number(process.env.CRASH_KILLS ?? 1)

/** Died after the platform took the reply and before that was recorded: the one place where it is sent again. */
const honestPoint: FaultPoint = 'outbox.after-send'

describe(`kill -9 of a single process, seed ${seed}`, () => {
  test.concurrent.each(databaseKinds)(
    'on %s, at each point: nothing lost, in order, repeated only at the honest point',
    { timeout: rounds * 180_000 },
    async (kind) => {
      const report = await killAtEachPoint({ kind, rounds, random: createRandom(seed, kind) })
      expect(report).toMatchObject({ lost: [], evasive: [], disordered: [], misdirected: [] })
      expect(report.repeatedAt.filter((point) => point !== honestPoint)).toEqual([])
      expect(report.amidAt).toContain('outbox.settled')
      expect(report.repeated).toBeLessThanOrEqual(rounds)
    },
  )
})
