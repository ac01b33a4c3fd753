import { expect, test } from 'vitest'
import { fromMoment, limitNotice } from './limit.ts'

const at = (iso: string): number => Date.parse(iso)
const now = at('2026-11-26T14:36:20Z')
const present = { now, zone: 'Europe/Berlin' }

test('a notice says the limit, when it ends on the clock of the tenant, and how soon', () => {
  const hour = { reason: 'hour', notice: { limit: 60, until: at('2026-11-26T15:00:00Z') } } as const
  expect(limitNotice('en', hour, present)).toContain(
    'the limit of 60 messages an hour. I can answer you again from 16:00 (in 24 minutes).',
  )
  expect(limitNotice('ru', hour, present)).toContain(
    '60 сообщений в час. Я смогу ответить вам с 16:00 (через 24 минуты).',
  )
  const day = { reason: 'day', notice: { limit: 501, until: at('2026-11-26T23:00:00Z') } } as const
  expect(limitNotice('en', day, present)).toContain('501 messages a day')
  expect(limitNotice('en', day, present)).toContain('from November 27, 00:00 (in 8 hours)')
  expect(limitNotice('ru', day, present)).toContain('501 сообщение в день')
  expect(limitNotice('ru', day, present)).toContain('с 27 ноября, 00:00 (через 8 часов)')
})

test.each([
  [1, 'in 1 minute', 'через 1 минуту'],
  [60_001, 'in 2 minutes', 'через 2 минуты'],
  [7_200_000, 'in 120 minutes', 'через 120 минут'],
  [7_200_001, 'in 2 hours', 'через 2 часа'],
  [86_400_000 * 3, 'in 3 days', 'через 3 дня'],
])('%s milliseconds ahead is %s', (ms, en, ru) => {
  expect(fromMoment('en', now + ms, present)).toContain(`(${en})`)
  expect(fromMoment('ru', now + ms, present)).toContain(`(${ru})`)
})

test('a limit that ended before anybody could say so is told as such', () => {
  const over = { reason: 'ban', notice: { until: now } } as const
  expect(limitNotice('en', over, present)).toContain('I can answer you again now')
})

test('bans, repeats, links and blocks have their own words', () => {
  expect(limitNotice('ru', { reason: 'repeat', notice: { limit: 5 } }, present)).toContain('5 раз подряд')
  expect(limitNotice('en', { reason: 'links', notice: { limit: 10 } }, present)).toContain(
    '10 messages of links',
  )
  expect(limitNotice('en', { reason: 'blocked', notice: {} }, present)).toContain('This chat is blocked.')
  const ban = { reason: 'ban', notice: { until: now + 3_600_000 } } as const
  expect(limitNotice('en', ban, present)).toContain('again from 16:36 (in 60 minutes)')
})
