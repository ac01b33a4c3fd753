/**
 * Days and hours as people of one place count them. A zone is a name of the IANA database (`Europe/Berlin`, `UTC`);
 * times are milliseconds since the epoch.
 */

/** Every change of every zone since 1972 happens on a quarter of an hour, so that within one nothing changes. */
const quarterMs = 900_000
/** A day is never longer: 24 hours and the two that Troll in Antarctica puts its clocks back. */
const longestDay = 27 * 4
const longestHour = 4

/** What a clock on the wall and a calendar beside it show during one quarter of an hour. */
interface Wall {
  quarter: number
  day: string
  hour: string
}

const formats = new Map<string, Intl.DateTimeFormat>()
/** The latest quarter of each zone: whoever asks, asks about now. */
const latest = new Map<string, Wall>()

/** Whether there is such a zone. */
export function isZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false // A RangeError is how Intl says that it does not know it.
  }
}

/** The calendar day, `2026-11-20`. Throws a RangeError for a zone that does not exist. */
export const dayOf = (now: number, zone: string): string => wallAt(now, zone).day

/**
 * The hour of the day, `2026-11-20T15+01:00`. The offset tells apart the two hours of one name in the night when clocks
 * are put back, so that no hour lasts longer than sixty minutes.
 */
export const hourOf = (now: number, zone: string): string => wallAt(now, zone).hour

/** The first moment of the next calendar day. */
export const endOfDay = (now: number, zone: string): number => endOf(dayOf, longestDay, now, zone)

/** The first moment of a calendar day. */
export function startOfDay(day: string, zone: string): number {
  // Behind UTC by half a day at most, ahead of it by fourteen hours: that moment was before it everywhere.
  let time = Date.parse(day) - 16 * 3_600_000
  while (dayOf(time, zone) < day) time = endOfDay(time, zone)
  return time
}

/** The calendar day so many days before. */
export const dayBefore = (day: string, days: number): string =>
  new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10)

/** The first moment of the next hour. */
export const endOfHour = (now: number, zone: string): number => endOf(hourOf, longestHour, now, zone)

/** The time of day, `15:04`. */
export function timeOf(now: number, zone: string): string {
  return new Date(now + offsetAt(now, zone)).toISOString().slice(11, 16)
}

/** Halves the quarters between one that has the name of now and one that surely has not. */
function endOf(nameOf: typeof dayOf, longest: number, now: number, zone: string): number {
  const name = nameOf(now, zone)
  let same = Math.floor(now / quarterMs)
  let other = same + longest
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2)
    if (nameOf(middle * quarterMs, zone) === name) same = middle
    else other = middle
  }
  return other * quarterMs
}

function wallAt(now: number, zone: string): Wall {
  const quarter = Math.floor(now / quarterMs)
  const known = latest.get(zone)
  if (known?.quarter === quarter) return known
  const offset = offsetAt(now, zone)
  const local = new Date(now + offset).toISOString()
  const wall = { quarter, day: local.slice(0, 10), hour: `${local.slice(0, 13)}${signed(offset)}` }
  latest.set(zone, wall)
  return wall
}

/** How far the clocks of the zone are ahead of UTC, in milliseconds. */
function offsetAt(now: number, zone: string): number {
  const name = formatOf(zone)
    .formatToParts(now)
    .find(({ type }) => type === 'timeZoneName')
  const [, sign, hours = '0', minutes = '0'] = /^GMT([+-])(\d\d):(\d\d)/.exec(name?.value ?? '') ?? []
  const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000
  return sign === '-' ? -ahead : ahead
}

function signed(offset: number): string {
  const minutes = Math.abs(offset) / 60_000
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  formats.set(zone, made)
  return made
}
