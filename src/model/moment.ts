import { endOfDay, endOfHour } from './calendar.ts'

/** A moment, and when the hour and the day it belongs to end. Milliseconds since the epoch. */
export interface Moment {
  now: number
  hourEnd: number
  dayEnd: number
}

/** The moments of a time zone; the ends are looked up once an hour. */
export function createMoments(zone: string): (now: number) => Moment {
  let since = Number.POSITIVE_INFINITY
  let ends = { hourEnd: 0, dayEnd: 0 }
  return (now) => {
    if (now < since || now >= ends.hourEnd) {
      since = now
      ends = { hourEnd: endOfHour(now, zone), dayEnd: endOfDay(now, zone) }
    }
    return { now, ...ends }
  }
}
