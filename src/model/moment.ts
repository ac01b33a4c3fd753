import { endOfDay, endOfHour } from './calendar.ts'

/** A moment, and when the hour and the day it belongs to end. Milliseconds since the epoch. */
export interface Moment {
  now: number
  hourEnd: number
  dayEnd: number
}

/** The moments of a zone, which may change; the ends are looked up once an hour. */
export function createMoments(zone: () => string): (now: number) => Moment {
  let since = Number.POSITIVE_INFINITY
  let ends = { zone: '', hourEnd: 0, dayEnd: 0 }
  return (now) => {
    const current = zone()
    if (now < since || now >= ends.hourEnd || ends.zone !== current) {
      since = now
      ends = { zone: current, hourEnd: endOfHour(now, current), dayEnd: endOfDay(now, current) }
    }
    return { now, hourEnd: ends.hourEnd, dayEnd: ends.dayEnd }
  }
}
