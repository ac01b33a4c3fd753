import { sleep } from './backoff.ts'

/** A named right that one process has at a time. */
export interface Lease {
  /** Takes or extends it for `ms` milliseconds; false when another has it. */
  hold(name: string, ms: number): Promise<boolean>
  release(name: string): Promise<void>
  /** When it ends, by the clock of its holder, in milliseconds since the epoch; `undefined` when it was given back. */
  until(name: string): Promise<number | undefined>
}

export interface LeaseTimes {
  /** Held this long without a heartbeat: another process takes over at most so much later, and one look. */
  leaseMs: number
  heartbeatMs: number
  /** How often who waits looks whether it is free. */
  lookMs: number
}

const standardTimes: LeaseTimes = { leaseMs: 9000, heartbeatMs: 3000, lookMs: 2000 }

export interface WhileHolding {
  lease: Lease
  name: string
  signal: AbortSignal
  times?: LeaseTimes
  /** Another process holds it, or the store is away (`failed`). */
  waiting(failed: unknown): void
  /** Runs while it is held; must end soon after its signal aborts. `isHeld`: also of one that was told to stop. */
  work(signal: AbortSignal, isHeld: () => boolean): Promise<void>
}

/** Runs `work` whenever the lease is held, until `signal` aborts; then gives it back. */
export async function whileHolding(needs: WhileHolding): Promise<void> {
  const { lease, name, signal, waiting, work, times = standardTimes } = needs
  while (!signal.aborted) {
    let failed: unknown
    const asked = performance.now()
    const held = await lease.hold(name, times.leaseMs).catch((error: unknown) => {
      failed = error
      return false
    })
    if (held) await workWithHeartbeat({ lease, name, signal, work, times }, asked)
    else {
      waiting(failed)
      await sleep(times.lookMs, signal)
    }
  }
}

/** Cut off half a heartbeat before another may take the lease, which was asked for at `taken` and extended since. */
async function workWithHeartbeat(
  needs: Omit<WhileHolding, 'waiting'> & { times: LeaseTimes },
  taken: number,
): Promise<void> {
  const { lease, name, signal, work } = needs
  const { leaseMs, heartbeatMs } = needs.times
  const lost = new AbortController()
  const cutOff = (asked: number): NodeJS.Timeout =>
    setTimeout(() => lost.abort(), asked + leaseMs - heartbeatMs / 2 - performance.now()).unref()
  let end = cutOff(taken)
  const beat = setInterval(() => {
    const asked = performance.now()
    lease.hold(name, leaseMs).then(
      (held) => {
        if (!held) return lost.abort()
        clearTimeout(end)
        end = cutOff(asked)
      },
      // The store is away: the lease may still be ours until it would have ended.
      () => undefined,
    )
  }, heartbeatMs)
  try {
    await work(AbortSignal.any([signal, lost.signal]), () => !lost.signal.aborted)
  } finally {
    clearInterval(beat)
    clearTimeout(end)
    if (!lost.signal.aborted) await lease.release(name).catch(() => undefined)
  }
}
