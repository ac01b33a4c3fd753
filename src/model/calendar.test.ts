import { describe, expect, test } from 'vitest'
import { dayBefore, dayOf, endOfDay, endOfHour, hourOf, isZone, startOfDay, timeOf } from './calendar.ts'

const at = (iso: string): number => Date.parse(iso)
const iso = (time: number): string => new Date(time).toISOString().slice(0, 16)

test('knows the zones there are', () => {
  expect(['UTC', 'Europe/Berlin', 'Asia/Kolkata'].map(isZone)).toEqual([true, true, true])
  expect(['', 'Berlin', 'Europe/Atlantis', '../etc/passwd'].map(isZone)).toEqual([false, false, false, false])
})

test.each([
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
])('the first moment of every day of a year in %s, counted backwards', (zone) => {
  for (let days = 0; days < 366; days += 1) {
    const day = dayBefore('2026-12-31', days)
    const first = startOfDay(day, zone)
    expect([day, dayOf(first, zone), dayOf(first - 1, zone)]).toEqual([day, day, dayBefore(day, 1)])
  }
})

describe('a day', () => {
  test.each([
    ['UTC', '2026-11-20T23:59:59.999Z', '2026-11-20', '2026-11-21T00:00'],
    ['UTC', '2026-11-21T00:00:00.000Z', '2026-11-21', '2026-11-22T00:00'],
    ['America/New_York', '2026-11-21T04:59:59.999Z', '2026-11-20', '2026-11-21T05:00'],
    ['Pacific/Kiritimati', '2026-11-20T10:00:00.000Z', '2026-11-21', '2026-11-21T10:00'],
    ['Asia/Kolkata', '2026-11-20T18:29:59.999Z', '2026-11-20', '2026-11-20T18:30'],
    ['Asia/Kathmandu', '2026-11-20T18:15:00.000Z', '2026-11-21', '2026-11-21T18:15'],
    ['Australia/Lord_Howe', '2026-11-20T12:59:00.000Z', '2026-11-20', '2026-11-20T13:00'],
    // Leap days: there is one, and there is none.
    ['Europe/Berlin', '2028-02-28T23:00:00.000Z', '2028-02-29', '2028-02-29T23:00'],
    ['Europe/Berlin', '2027-02-28T23:00:00.000Z', '2027-03-01', '2027-03-01T23:00'],
    ['UTC', '2100-02-28T12:00:00.000Z', '2100-02-28', '2100-03-01T00:00'],
    // 23 and 25 hours.
    ['Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29', '2026-03-29T22:00'],
    ['Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25', '2026-10-25T23:00'],
    // The day begins at one: clocks are put forward at midnight.
    ['Africa/Cairo', '2026-04-23T21:59:59.999Z', '2026-04-23', '2026-04-23T22:00'],
    ['Africa/Cairo', '2026-04-23T22:00:00.000Z', '2026-04-24', '2026-04-24T21:00'],
    // Its last hour comes twice: clocks are put back at midnight.
    ['Africa/Cairo', '2026-10-29T20:30:00.000Z', '2026-10-29', '2026-10-29T22:00'],
    ['Africa/Cairo', '2026-10-29T21:30:00.000Z', '2026-10-29', '2026-10-29T22:00'],
    // Two hours put back.
    ['Antarctica/Troll', '2026-10-25T00:00:00.000Z', '2026-10-25', '2026-10-26T00:00'],
    // Half an hour.
    ['Australia/Lord_Howe', '2026-04-04T13:00:00.000Z', '2026-04-05', '2026-04-05T13:30'],
    // Samoa left out the 30th of December 2011.
    ['Pacific/Apia', '2011-12-30T09:59:00.000Z', '2011-12-29', '2011-12-30T10:00'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31', '2011-12-31T10:00'],
  ])('%s at %s is %s and ends at %s', (zone, now, day, end) => {
    expect(dayOf(at(now), zone)).toBe(day)
    expect(iso(endOfDay(at(now), zone))).toBe(end)
  })
})

describe('an hour', () => {
  test.each([
    ['UTC', '2026-11-20T15:59:59.999Z', '2026-11-20T15+00:00', '2026-11-20T16:00'],
    ['America/St_Johns', '2026-11-20T03:29:00.000Z', '2026-11-19T23-03:30', '2026-11-20T03:30'],
    ['Asia/Kathmandu', '2026-11-20T18:10:00.000Z', '2026-11-20T23+05:45', '2026-11-20T18:15'],
    // Two in the night comes twice, and is two hours.
    ['Europe/Berlin', '2026-10-25T00:10:00.000Z', '2026-10-25T02+02:00', '2026-10-25T01:00'],
    ['Europe/Berlin', '2026-10-25T01:10:00.000Z', '2026-10-25T02+01:00', '2026-10-25T02:00'],
    // Two in the night never comes.
    ['Europe/Berlin', '2026-03-29T00:30:00.000Z', '2026-03-29T01+01:00', '2026-03-29T01:00'],
    ['Europe/Berlin', '2026-03-29T01:00:00.000Z', '2026-03-29T03+02:00', '2026-03-29T02:00'],
    // Clocks put back by half an hour in the middle of the night: half past one comes twice.
    ['Australia/Lord_Howe', '2026-04-04T14:30:00.000Z', '2026-04-05T01+11:00', '2026-04-04T15:00'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00.000Z', '2026-04-05T01+10:30', '2026-04-04T15:30'],
  ])('%s at %s is %s and ends at %s', (zone, now, hour, end) => {
    expect(hourOf(at(now), zone)).toBe(hour)
    expect(iso(endOfHour(at(now), zone))).toBe(end)
  })
})

test('the time of day is that of the place', () => {
  expect(timeOf(at('2026-11-20T18:15:00Z'), 'Asia/Kathmandu')).toBe('00:00')
  expect(timeOf(at('2026-07-20T18:05:59Z'), 'Europe/Berlin')).toBe('20:05')
})

/** Those whose clocks change oddly: at midnight, by half an hour or two, in Ramadan, on other days than the rest. */
const odd =
  'Africa/Cairo America/Havana America/Santiago America/Asuncion Asia/Beirut Africa/Casablanca Asia/Gaza ' +
  'Australia/Lord_Howe Antarctica/Troll America/St_Johns Pacific/Chatham America/Nuuk Asia/Kathmandu UTC'

test('the days of odd zones follow one another without a gap, for two years', () => {
  const from = at('2026-01-01T00:00:00Z')
  const to = at('2028-03-02T00:00:00Z')
  for (const zone of odd.split(' ')) {
    let previous = ''
    for (let time = from; time < to; ) {
      const day = dayOf(time, zone)
      const end = endOfDay(time, zone)
      expect(day > previous && dayOf(end - 1, zone) === day, `${zone} ${day}`).toBe(true)
      // The first day is met in its middle.
      const hours = (end - time) / 3_600_000
      if (time !== from) expect(hours >= 22 && hours <= 26, `${zone} ${day}: ${hours} h`).toBe(true)
      previous = day
      time = end
    }
  }
})

test('asked about the past after the present, it does not mix them up', () => {
  const now = at('2026-11-20T12:00:00Z')
  expect([dayOf(now, 'UTC'), dayOf(now - 86_400_000, 'UTC'), dayOf(now, 'UTC')]).toEqual([
    '2026-11-20',
    '2026-11-19',
    '2026-11-20',
  ])
})
