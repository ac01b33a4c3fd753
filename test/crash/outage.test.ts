import { describe, expect, test } from 'vitest'
import { type OutageReport, sufferOutage } from './outage.ts'

const seed = Number(process.env.CRASH_SEED ?? 1)
const seconds = Number(process.env.CRASH_OUTAGE_SECONDS ?? 5)
const timeout = 180_000 + seconds * 1000

/**
 * Nothing lost, no new process needed; within 10 s of the return a new message is answered, and all that had been asked by
 * then.
 */
function expectRecovery(report: OutageReport): void {
  expect(report).toMatchObject({ lost: [], evasive: [], disordered: [], misdirected: [], unexplained: [] })
  expect(report).toMatchObject({ faults: [], starts: 1 })
  expect(report.workingMs).toBeLessThan(10_000)
  expect(report.recoveryMs[0]).toBeLessThan(10_000)
  expect(report.settledMs).toBeLessThan(20_000)
}

/** What was not stored was refused politely, and the process lived and said what it cannot do. */
function expectHonesty(report: OutageReport): void {
  expect(Object.keys(report.webhook).filter((status) => status !== '200' && status !== '503')).toEqual([])
  expect(report.webhook['503']).toBeGreaterThan(0)
  expect(report.rude).toBe(0)
  expect(new Set(report.livez)).toEqual(new Set([200]))
  expect(new Set([...report.readyz, ...report.health])).toEqual(new Set([503]))
  // ParleyDatabaseDown
  expect(report.databaseUp).toBe(0)
}

describe.concurrent(`an outage of ${seconds} s, seed ${seed}`, () => {
  test('PostgreSQL is gone: 503, never a false 200, and all is answered afterwards', {
    timeout,
  }, async () => {
    const report = await sufferOutage({
      kind: 'postgres',
      seed,
      seconds,
      takeAway: async ({ database }) => database?.stop('immediate'),
      bringBack: async ({ database }) => database?.start(),
    })
    expectRecovery(report)
    expectHonesty(report)
    expect(report.webhook['200']).toBeUndefined()
  })

  test('the disk of PostgreSQL is full: what was accepted is answered', { timeout }, async () => {
    const report = await sufferOutage({
      kind: 'postgres',
      seed,
      seconds,
      takeAway: ({ disk }) => disk.fill(),
      bringBack: async ({ disk, database }) => {
        await disk.free()
        await database?.start()
      },
    })
    expectRecovery(report)
    expectHonesty(report)
  })

  test('the disk of SQLite is full: what was accepted is answered', { timeout }, async () => {
    const report = await sufferOutage({
      kind: 'sqlite',
      seed,
      seconds,
      takeAway: ({ disk }) => disk.fill(),
      bringBack: ({ disk }) => disk.free(),
    })
    expectRecovery(report)
    expectHonesty(report)
    // ParleyDiskFull
    expect(report.diskFree).toBeLessThan(0.1)
  })
})
