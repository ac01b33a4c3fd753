import type { Disturbance } from './schedule.ts'

/** When something was away that no process can start without. */
export interface Absences {
  /** It is away from now on, until the function returned is called. */
  begin(): () => void
  /** Whether it was away at this time or later. */
  since(at: number): boolean
}

/** A server that answers again may yet break off what it was asked in the beginning; in milliseconds. */
const aftermathMs = 1000

export function createAbsences(now: () => number = () => performance.now()): Absences {
  let away = 0
  let last = Number.NEGATIVE_INFINITY
  return {
    begin() {
      away += 1
      return () => {
        away -= 1
        last = now() + aftermathMs
      }
    },
    since: (at) => away > 0 || last > at,
  }
}

/** Whether it takes away the database or Redis: neither the platforms nor the models are asked before a process is ready. */
export function isAbsence(disturbance: Disturbance): boolean {
  switch (disturbance.kind) {
    case 'postgres':
    case 'disk':
      return true
    case 'redis':
      return disturbance.how !== 'flush'
    case 'network':
      return (disturbance.line === 'database' || disturbance.line === 'redis') && disturbance.how !== 'slow'
    default:
      return false
  }
}
