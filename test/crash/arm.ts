import type { FaultPoint } from '../../src/model/fault.ts'
import type { Place } from './launch.ts'
import { createRandom, type Random } from './random.ts'

/** Decides where a process that is started is to die. */
export interface Arm {
  /** For the next process of this place, by the seed alone. */
  next(place: Place, points: readonly FaultPoint[]): { point: FaultPoint; arrival: number } | undefined
  /** From now on everybody lives. */
  disarm(): void
}

/** The most arrivals at a point before a death there. */
const latestArrival = 60

export function armFrom({ seed, armed }: { seed: number; armed: number }): Arm {
  const chances = new Map<string, Random>()
  let peace = false
  return {
    next({ name }, points) {
      const random = chances.get(name) ?? createRandom(seed, name)
      chances.set(name, random)
      if (peace || random.next() >= armed) return undefined
      return { point: random.pick(points), arrival: random.between(1, latestArrival) }
    },
    disarm() {
      peace = true
    },
  }
}
