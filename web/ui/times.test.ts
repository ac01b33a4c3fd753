import { expect, test } from 'vitest'
import { en } from './texts/en.ts'
import { ru } from './texts/ru.ts'
import { dayName, duration } from './times.ts'

const at = (...when: [number, number, number, number]) => new Date(...when).getTime()
const now = at(2026, 2, 10, 0)

test('days are named by the calendar, not by hours', () => {
  expect(dayName(at(2026, 2, 10, 23), now, 'en', en)).toBe('Today')
  expect(dayName(at(2026, 2, 9, 23), now, 'ru', ru)).toBe('Вчера')
  expect(dayName(at(2026, 2, 8, 23), now, 'en', en)).toBe('Sunday, March 8')
  expect(dayName(at(2025, 2, 8, 23), now, 'en', en)).toContain('2025')
})

test('a duration has its two largest units', () => {
  expect([0, 59, 60, 3605, 90_000, 864_000].map((seconds) => duration(seconds, en))).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '1 h',
    '1 d 1 h',
    '10 d',
  ])
})
