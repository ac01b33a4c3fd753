import { expect, test } from 'vitest'
import { judgeClock } from './clock.ts'
import { ok, reasonOf, within } from './item.ts'

test('a check that hangs or throws is a failure with its advice', async () => {
  expect(await within(5, 'a', 'do b', () => new Promise(() => undefined))).toMatchObject([
    { name: 'a', status: 'fail', next: 'do b' },
  ])
  expect(await within(1000, 'a', 'do b', () => Promise.reject(new Error('c')))).toMatchObject([
    { found: 'c' },
  ])
  expect(await within(1000, 'a', 'do b', async () => [ok('a', 'fine')])).toEqual([ok('a', 'fine')])
})

test('the reason of an error is that of its cause', () => {
  const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  expect(reasonOf(new Error('fetch failed', { cause }))).toBe('fetch failed: ECONNREFUSED')
})

test('clocks may differ by two seconds', () => {
  expect(judgeClock(1900).status).toBe('ok')
  expect(judgeClock(-2500)).toMatchObject({
    status: 'fail',
    found: '2.5 s ahead of the clock of the database',
  })
})
