import { expect, test } from 'vitest'
import { checkRetention } from './retention.ts'

const now = Date.parse('2026-11-26T12:00:00Z')
const hourMs = 3_600_000
const config = {
  retention: { conversationDays: undefined, traceDays: 90, budgetDays: 400 },
  timezone: 'Europe/Berlin',
}

async function check(until: number | undefined, begun = now) {
  const store = { read: { leases: { until: async () => until } }, begunAt: async () => begun }
  const [item] = await checkRetention(config, store, now)
  return item
}

test('says what is kept, and whether the rest is deleted', async () => {
  expect(await check(undefined)).toMatchObject({
    status: 'ok',
    found:
      'messages for ever, traces 90 days, costs 400 days (Europe/Berlin); nothing was looked through yet',
  })
  expect(await check(now + hourMs)).toMatchObject({
    status: 'ok',
    found: expect.stringContaining('done for today'),
  })
  expect(await check(now - hourMs)).toMatchObject({
    status: 'ok',
    found: expect.stringContaining('due since'),
  })
  expect(await check(now - 25 * hourMs)).toMatchObject({
    status: 'warn',
    found: expect.stringContaining('not done since 2026-11-25T11:00:00.000Z'),
    next: expect.stringContaining('log'),
  })
})

test('what was never done is late a day after the installation began', async () => {
  expect(await check(undefined, now - 23 * hourMs)).toMatchObject({ status: 'ok' })
  expect(await check(undefined, now - 25 * hourMs)).toMatchObject({
    status: 'warn',
    found: expect.stringContaining('never done, and this installation began 2026-11-25T11:00:00.000Z'),
    next: expect.stringContaining('log'),
  })
})
