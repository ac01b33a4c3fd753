import type { Clock } from '../../model/time.ts'
import type { Log } from '../log.ts'

/** What a process tells of a collector that fails. */
export interface Trouble {
  begins(reason: string): void
  /** So many spans are lost. */
  lost(count: number): void
  over(): void
}

interface TroubleNeeds {
  /** Whom the log names. */
  host: string
  log: Log
  clock: Clock
}

/** One line when it begins, and one when it is over. */
export function createTrouble({ host, log, clock }: TroubleNeeds): Trouble {
  let since: number | undefined
  let spansLost = 0
  return {
    begins(reason) {
      if (since !== undefined) return
      since = clock.now()
      log.warn({ collector: host, reason }, 'traces are not delivered; everything else goes on')
    },
    lost(count) {
      if (since !== undefined) spansLost += count
    },
    over() {
      if (since === undefined) return
      const awaySeconds = Math.round((clock.now() - since) / 1000)
      log.info({ collector: host, awaySeconds, spansLost }, 'traces are delivered again')
      since = undefined
      spansLost = 0
    },
  }
}
