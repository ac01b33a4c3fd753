import { isDatabaseAway } from '../../model/errors.ts'
import type { Clock } from '../../model/time.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'

/** While the database is away, an area has one line in so many milliseconds. */
const everyMs = 60_000
/** Some of the database may work while the rest does not: it is back after so long without a fault, in milliseconds. */
const calmMs = 5000

/** Keeps the log readable while the database is away: every area would say so every second. */
export interface Outage {
  /** Logs a fault, unless it is the database's and this area told of it within the last minute. */
  fault(area: string, event: { err: unknown }, message: string): void
  /** The database did something: says once that it is back. */
  worked(): void
}

/** What the events of each kind are made with. */
export interface EventParts {
  log: Log
  metrics: Metrics
  outage: Outage
}

interface Area {
  loggedAt: number
  leftOut: number
}

export function createOutage({ log, clock }: { log: Log; clock: Clock }): Outage {
  const areas = new Map<string, Area>()
  let began: number | undefined
  let latest = 0
  /** Since the latest fault. */
  let workedAt: number | undefined

  return {
    fault(area, event, message) {
      if (!isOfDatabase(area, event.err)) return log.error(event, message)
      const now = clock.now()
      began ??= now
      latest = now
      workedAt = undefined
      const told = areas.get(area)
      if (told && isWithin(now - told.loggedAt, everyMs)) {
        told.leftOut += 1
        return
      }
      areas.set(area, { loggedAt: now, leftOut: 0 })
      log.error({ area, ...event, leftOut: told?.leftOut ?? 0 }, 'the database cannot be used')
    },
    worked() {
      if (began === undefined) return
      const now = clock.now()
      workedAt ??= now
      if (isWithin(now - latest, calmMs)) return
      const leftOut = Object.fromEntries([...areas].map(([name, area]) => [name, area.leftOut]))
      log.info({ awaySeconds: Math.round((workedAt - began) / 1000), leftOut }, 'the database works again')
      began = undefined
      areas.clear()
    },
  }
}

/** A clock that was turned back keeps nothing quiet. */
const isWithin = (passed: number, ms: number): boolean => passed >= 0 && passed < ms

/** The area `database` is that of the connections, whose errors are the driver's own. */
function isOfDatabase(area: string, err: unknown): boolean {
  return area === 'database' || isDatabaseAway(err)
}
