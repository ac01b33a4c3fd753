import { describe, expect, test } from 'vitest'
import { type FaultPoint, faultPoints } from '../../src/model/fault.ts'
import { databaseKinds } from '../support/stores.ts'
import { killRepeatedly } from './kill.ts'

/** `npm run test:crash` sets more kills; a seed printed by a failed run repeats its schedule. */
const kills = Number(process.env.CRASH_KILLS ?? 1)
const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Died after the platform took the reply and before that was recorded: the one place where it is sent again. */
const honestPoint: FaultPoint = 'outbox.after-send'

/** mulberry32: a small generator, so that a seed repeats a run. */
function generator(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

describe.each(databaseKinds)(`kill -9 on %s, ${kills} at each point, seed ${seed}`, (kind) => {
  const timeout = 60_000 + kills * 30_000

  test.each(faultPoints)(
    '%s: nothing lost, in order, repeated only at the honest point',
    { timeout },
    async (point) => {
      const random = generator(seed + faultPoints.indexOf(point))
      const report = await killRepeatedly({ kind, point: () => point, mode: 'lockstep', kills, random })
      expect(report).toMatchObject({ lost: [], disordered: [], misdirected: [] })
      expect(report.asked).toBeGreaterThan(0)
      if (point === honestPoint) expect(report.repeated).toBeLessThanOrEqual(kills)
      else expect(report.repeated).toBe(0)
    },
  )

  test('anywhere under load: nothing lost, in order, repeated at most what was in flight', {
    timeout,
  }, async () => {
    const random = generator(seed - 1)
    const point = (): FaultPoint => faultPoints[Math.floor(random() * faultPoints.length)] ?? honestPoint
    const report = await killRepeatedly({ kind, point, mode: 'load', kills: kills * 2, random })
    expect(report).toMatchObject({ lost: [], disordered: [], misdirected: [] })
    // One lane a chat, one reply a lane.
    expect(report.repeated).toBeLessThanOrEqual(kills * 2 * 3)
  })
})
