import { ParleyError } from '../model/errors.ts'
import { type FaultPoint, faultPoints, parseFault } from '../model/fault.ts'

export type { FaultPoint }

/** Lets the process die at a named point, as if the power had failed there. */
export interface Faults {
  reach(point: FaultPoint): void
}

/** Never dies on purpose. */
export const noFaults: Faults = { reach() {} }

/**
 * `spec` is `point:n`: the process kills itself (SIGKILL: no handler runs, no buffer is flushed) when it reaches
 * the point for the nth time. No spec costs nothing. An unknown point is a `CONFIG_INVALID` error.
 */
export function createFaults(spec: string | undefined, die: () => void = killOwnProcess): Faults {
  if (spec === undefined) return noFaults
  const fault = parseFault(spec)
  if (fault === undefined) {
    const expected = `expected point:n with one of ${faultPoints.join(', ')}`
    throw new ParleyError('CONFIG_INVALID', `PARLEY_FAULT is "${spec}"; ${expected}`)
  }
  let left = fault.arrival
  return {
    reach(point) {
      if (point !== fault.point) return
      left -= 1
      if (left === 0) die()
    },
  }
}

function killOwnProcess(): void {
  process.kill(process.pid, 'SIGKILL')
}
