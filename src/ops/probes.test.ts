import { expect, test } from 'vitest'
import { ParleyError } from '../model/errors.ts'
import { type Check, createProbe, statusCode } from './probes.ts'

const up = (name: string, critical = true): Check => ({ name, critical, check: async () => undefined })
const down = (name: string, critical: boolean, error: Error): Check => ({
  name,
  critical,
  check: () => Promise.reject(error),
})

test('all up is ok', async () => {
  const probe = createProbe([up('database'), { ...up('telegram', false), check: async () => 'polling' }])
  const result = await probe()
  expect(result).toEqual({
    status: 'ok',
    checks: { database: { status: 'up' }, telegram: { status: 'up', detail: 'polling' } },
  })
  expect(statusCode(result)).toBe(200)
})

test('what is not critical degrades, what is critical takes down, and no message leaks', async () => {
  const leak = new Error('connect ECONNREFUSED postgres://user:password@host')
  const degraded = await createProbe([up('database'), down('telegram', false, leak)])()
  expect(degraded).toMatchObject({
    status: 'degraded',
    checks: { telegram: { status: 'down', detail: 'failed' } },
  })
  expect(statusCode(degraded)).toBe(200)
  const dead = await createProbe([
    down('database', true, new ParleyError('DATABASE_UNAVAILABLE', 'at host x')),
  ])()
  expect(dead).toEqual({
    status: 'down',
    checks: { database: { status: 'down', detail: 'DATABASE_UNAVAILABLE' } },
  })
  expect(statusCode(dead)).toBe(503)
})

test('a check that hangs is a timeout, and is not asked again while it hangs', async () => {
  let asked = 0
  let release = (): void => {}
  const check: Check = {
    name: 'database',
    critical: true,
    check() {
      asked += 1
      return new Promise((resolve) => {
        release = () => resolve(undefined)
      })
    },
  }
  const probe = createProbe([check])
  expect((await probe()).checks['database']).toEqual({ status: 'down', detail: 'timeout' })
  await probe()
  expect(asked).toBe(1)
  release()
  await new Promise((resolve) => setImmediate(resolve))
  void probe()
  expect(asked).toBe(2)
  release()
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
  const probe = createProbe([check])
  await Promise.all(Array.from({ length: 50 }, probe))
  expect(asked).toBe(1)
})
