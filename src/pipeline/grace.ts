import { isDatabaseAway } from '../model/errors.ts'
import { type Clock, steadyClock } from '../model/time.ts'

/** What looks for leases that are over. `own`: see `TurnWriter.take`. */
type Look<T> = (own: string | undefined) => Promise<T>

/**
 * Who could not reach the database cannot tell whose leases are over because their holders died: the living could not renew
 * theirs either. Until it is there again, and for one lease more, leases of others are left alone.
 */
export interface Grace {
  /**
   * What work there is to ring for. While only writing fails, that of others as well: the take that follows in vain is what tells
   * that the database takes something again.
   */
  find<T>(look: Look<T>): Promise<T>
  read<T>(look: Look<T>): Promise<T>
  /** A full disk refuses writing only. */
  write<T>(look: Look<T>): Promise<T>
}

export interface GraceNeeds {
  holder: string
  leaseMs: number
  /** For how long something lasts, whatever is done to the clock. */
  steady?: Clock
}

export function createGrace({ holder, leaseMs, steady = steadyClock }: GraceNeeds): Grace {
  const reading = createOutage(leaseMs, steady)
  const writing = createOutage(leaseMs, steady)
  const own = (): string | undefined => (reading.isFelt() || writing.isFelt() ? holder : undefined)
  return {
    find: (look) => reading.watch(() => look(reading.isFelt() ? holder : undefined)),
    read: (look) => reading.watch(() => look(own())),
    write: (look) => writing.watch(() => look(own())),
  }
}

/**
 * Where calls fail again and again although others get through, every other lease is one of grace: what a dead process left
 * does not wait for the end of that. Where none got through for half a lease, less than one lasts, the database was away again.
 */
function createOutage(leaseMs: number, steady: Clock) {
  let failedAt: number | undefined
  let until = -Infinity
  let succeededAt = -Infinity

  function succeeded(began: number): void {
    const now = steady.now()
    succeededAt = now
    const isBack = failedAt === undefined ? isNew(now) && now - began >= leaseMs / 2 : began >= failedAt
    if (!isBack) return
    failedAt = undefined
    until = now + leaseMs
  }
  const isNew = (now: number): boolean => now >= until + leaseMs

  function failed(): void {
    const now = steady.now()
    if (failedAt !== undefined || isNew(now) || now - succeededAt >= leaseMs / 2) failedAt = now
  }

  return {
    isFelt: (): boolean => failedAt !== undefined || steady.now() < until,
    async watch<T>(call: () => Promise<T>): Promise<T> {
      const began = steady.now()
      try {
        const result = await call()
        succeeded(began)
        return result
      } catch (error) {
        if (isDatabaseAway(error)) failed()
        throw error
      }
    },
  }
}
