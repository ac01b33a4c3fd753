import type { Allowance, Allowances, Lack } from '../coordination.ts'
import { createGenerations } from './generations.ts'

/** More keys than this at once, of windows or closed: the half that was used longest ago is forgotten. */
const mostKeys = 20_000

/** The allowances of a single process. `now`: milliseconds of a clock that is never put back. */
export function createMemoryAllowances(now: () => number = () => performance.now()): Allowances {
  const windows = createGenerations<Window>(mostKeys)
  const closed = createGenerations<number>(mostKeys)

  function windowOf({ key, count, ms }: Allowance, at: number): Window {
    const known = windows.get(key)
    const window = known?.fits(count, ms) ? known : createWindow(count, ms)
    windows.keep(key, window, at, ms)
    return window
  }

  const closedFor = (key: string, at: number): number => (closed.get(key) ?? 0) - at

  return {
    async take(allowances) {
      const at = now()
      const limited = allowances.filter(({ count }) => count > 0)
      const lacks = [
        ...allowances.map(({ key }): Lack => ({ key, ms: Math.ceil(closedFor(key, at)), closed: true })),
        ...limited.map((one): Lack => ({ key: one.key, ms: windowOf(one, at).wait(at), closed: false })),
      ]
      const longest = lacks.reduce((worst, lack) => (lack.ms > worst.ms ? lack : worst), nothing)
      if (longest !== nothing) return longest
      for (const one of limited) windowOf(one, at).count(at)
      return undefined
    },
    async close(key, ms) {
      const at = now()
      const left = Math.max(closedFor(key, at), ms)
      closed.keep(key, at + left, at, left)
    },
  }
}

const nothing: Lack = { key: '', ms: 0, closed: false }

interface Window {
  /** Milliseconds until one more fits. */
  wait(at: number): number
  count(at: number): void
  fits(count: number, ms: number): boolean
}

/** At most `count` in any `ms` milliseconds. */
function createWindow(count: number, ms: number): Window {
  const times: number[] = []
  let next = 0
  return {
    wait(at) {
      const oldest = times[next]
      return oldest === undefined ? 0 : Math.max(0, Math.ceil(oldest + ms - at))
    },
    count(at) {
      times[next] = at
      next = (next + 1) % count
    },
    fits: (otherCount, otherMs) => count === otherCount && ms === otherMs,
  }
}
