import { expect, test } from 'vitest'
import { lastStroke } from './backup.ts'

const last = (now: string, time: string, zone: string): string =>
  new Date(lastStroke(Date.parse(now), time, zone)).toISOString().slice(0, 16)

test.each([
  ['UTC', '2026-11-26T03:29:59Z', '03:30', '2026-11-25T03:30'],
  ['UTC', '2026-11-26T03:30:00Z', '03:30', '2026-11-26T03:30'],
  ['Europe/Berlin', '2026-11-26T03:00:00Z', '03:30', '2026-11-26T02:30'],
  ['Asia/Kolkata', '2026-11-26T00:00:00Z', '03:30', '2026-11-25T22:00'],
  // The day has no 02:30.
  ['Europe/Berlin', '2026-03-29T12:00:00Z', '02:30', '2026-03-29T01:30'],
  // It has two of them.
  ['Europe/Berlin', '2026-10-25T12:00:00Z', '02:30', '2026-10-25T00:30'],
  ['Europe/Berlin', '2026-10-25T12:00:00Z', '04:00', '2026-10-25T03:00'],
])('in %s at %s it was %s last at %s', (zone, now, time, expected) => {
  expect(last(now, time, zone)).toBe(expected)
})

test('once a day, all year', () => {
  const strokes = new Set<number>()
  for (let hour = 0; hour < 365 * 24; hour += 1)
    strokes.add(
      lastStroke(Date.parse('2026-01-01T12:00:00Z') + hour * 3_600_000, '02:15', 'Australia/Lord_Howe'),
    )
  expect(strokes.size).toBe(366)
})
