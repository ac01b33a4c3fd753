import { expect, test } from 'vitest'
import { ParleyError } from '../model/errors.ts'
import { type Check, createProbe, statusCode } from './probes.ts'

let time = Date.now()
const createTestProbe = (checks: readonly Check[]) => createProbe(checks, { now: () => time })
const up = (name: string, critical = true): Check => ({ name, critical, check: async () => undefined })
const down = (name: string, critical: boolean, error: Error): Check => ({
  name,
  critical,
  check: () => Promise.reject(error),
})

test('all up is ok', async () => {
  const probe = createTestProbe([up('database'), { ...up('telegram', false), check: async () => 'polling' }])
  const result = await probe()
  expect(result).toEqual({
    status: 'ok',
    checks: { database: { status: 'up' }, telegram: { status: 'up', detail: 'polling' } },
  })
  expect(statusCode(result)).toBe(200)
})

test('what is not critical degrades, what is critical takes down, and no message leaks', async () => {
  const leak = new Error('connect ECONNREFUSED postgres://user:password@host')
  const degraded = await createTestProbe([up('database'), down('telegram', false, leak)])()
  expect(degraded).toMatchObject({
    status: 'degraded',
    checks: { telegram: { status: 'down', detail: 'failed' } },
  })
  expect(statusCode(degraded)).toBe(200)
  const dead = await createTestProbe([
    down('database', true, new ParleyError('DATABASE_UNAVAILABLE', 'at host x')),
  ])()
  expect(dead).toEqual({
    status: 'down',
    checks: { database: { status: 'down', detail: 'DATABASE_UNAVAILABLE' } },
  })
  expect(statusCode(dead)).toBe(503)
})

/** One that settles when it is told to, and counts how often it was asked. */
function createSlowCheck() {
  const settles: { resolve(): void; reject(error: Error): void }[] = []
  const check: Check = {
    name: 'database',
    critical: true,
    check: () =>
      new Promise((resolve, reject) => settles.push({ resolve: () => resolve(undefined), reject })),
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return { check, settles, settled }
}

test('a check that never answered is a timeout, and is not asked again while it hangs', async () => {
  const { check, settles, settled } = createSlowCheck()
  const probe = createTestProbe([check])
  expect((await probe()).checks['database']).toEqual({ status: 'down', detail: 'timeout' })
  await probe()
  expect(settles).toHaveLength(1)
  settles[0]?.resolve()
  await settled()
  void probe()
  expect(settles).toHaveLength(2)
  settles[1]?.resolve()
})

test('a check that is late counts as it was, for a while; one that fails counts at once', async () => {
  const { check, settles, settled } = createSlowCheck()
  const probe = createTestProbe([check])
  const first = probe()
  settles[0]?.resolve()
  expect((await first).status).toBe('ok')
  const began = performance.now()
  expect((await probe()).status).toBe('ok')
  expect(performance.now() - began).toBeLessThan(150)
  time += 14_900
  expect((await probe()).status).toBe('ok')
  time += 200
  expect(await probe()).toEqual({
    status: 'down',
    checks: { database: { status: 'down', detail: 'timeout' } },
  })
  settles[1]?.reject(new ParleyError('DATABASE_UNAVAILABLE'))
  await settled()
  // What it said late is what it last said.
  expect((await probe()).checks['database']).toEqual({ status: 'down', detail: 'DATABASE_UNAVAILABLE' })
  settles[2]?.resolve()
  await settled()
  expect((await probe()).status).toBe('ok')
})

test('probes at the same moment share one answer', async () => {
  let asked = 0
  const check: Check = {
    name: 'database',
    critical: true,
    async check() {
      asked += 1
      return undefined
    },
  }
  const probe = createTestProbe([check])
  await Promise.all(Array.from({ length: 50 }, probe))
  expect(asked).toBe(1)
})
