import type { FaultPoint } from '../../src/model/fault.ts'
import type { Witness } from './witness.ts'

/** What happened to the processes. */
export interface Counts {
  killed(place: string, by: FaultPoint | 'signal'): void
  step(kind: string): void
  started(ms: number): void
  fault(what: string): void
  kills(): number
  /** Processes that ended in a way nobody asked for, and disturbances that failed. */
  readonly faults: string[]
  /** How it stands, in one line. */
  line(witness: Witness): string
  /** Kills by process and by point, steps by kind, and the median of the starts. */
  rows(): [string, string][]
}

export function createCounts(): Counts {
  const begun = performance.now()
  const places = new Map<string, number>()
  const points = new Map<string, number>()
  const steps = new Map<string, number>()
  const starts: number[] = []
  const faults: string[] = []
  let kills = 0
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1)
  const list = (map: Map<string, number>): string =>
    [...map]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, times]) => `${key} ${times}`)
      .join(', ')
  return {
    killed(place, by) {
      kills += 1
      count(places, place)
      count(points, by)
    },
    step: (kind) => count(steps, kind),
    started: (ms) => void starts.push(ms),
    fault: (what) => void faults.push(what),
    kills: () => kills,
    faults,
    line(witness) {
      const seconds = Math.round((performance.now() - begun) / 1000)
      const { repeated, wrong } = witness.oddities()
      return `${seconds} s: ${kills} kills, ${witness.asked()} messages, ${witness.missing()} waiting, ${repeated} repeated, ${wrong} wrong, ${faults.length} faults`
    },
    rows: () => [
      ['kills', String(kills)],
      ['by process', list(places)],
      ['by point', list(points)],
      ['steps', list(steps)],
      ['starts, median', `${Math.round(quantile(starts, 0.5))} ms of ${starts.length}`],
    ],
  }
}

/** `share` 0 to 1 of the values is not above the result; 0 for none. */
export function quantile(values: readonly number[], share: number): number {
  const ascending = values.toSorted((a, b) => a - b)
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0
}
