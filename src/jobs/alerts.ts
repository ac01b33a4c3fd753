import type { Alert, AlertKind } from '../model/alert.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Store, Writer } from '../store/store.ts'

/** Something that a process can find wrong. */
export interface Sign {
  kind: AlertKind
  /** How long it must have been so, in milliseconds. */
  forMs: number
  /** What is wrong, or `undefined`; rejects where that cannot be known now. */
  look(): Promise<Alert | undefined>
  /** It sets a gauge, and so is looked at also where no notes are wanted. */
  measures?: true
}

export interface AlertNeeds {
  store: Pick<Store, 'read' | 'write'>
  signs: readonly Sign[]
  /** Notes in an hour, of all processes together; 0: none at all. */
  perHour(): number
  /** Queues a note to the team, `over` when it is in order again. */
  post(tx: Writer, alert: Alert | { over: AlertKind }, now: number): Promise<void>
  events: Pick<Events, 'alertTold' | 'alertOver' | 'faulted'>
  clock: Clock
  /** Names this process in the lease. */
  holder: string
  /** Between two looks, in milliseconds. */
  everyMs: number
}

export interface AlertJob {
  start(): void
  stop(): Promise<void>
}

/** An episode is a named lease that is closed for so long; every process that sees the sign closes it anew. */
const calmMs = 120_000
const leaseMs = 10_000
const hourMs = 3_600_000
const episodeOf = (kind: AlertKind): string => `alert.${kind}`
/** Of what has passed already when it can be told: that it is over needs no word. */
const momentary: ReadonlySet<AlertKind> = new Set<AlertKind>(['database'])

type Told = { alert: Alert } | { over: AlertKind }

/**
 * Tells the team what is wrong, once an episode and once when nobody has seen it for two minutes, in whichever process it
 * is seen. What there is no note left for in this hour is told later, if it is still so.
 */
export function createAlerts(needs: AlertNeeds): AlertJob {
  const { events, everyMs, perHour, signs } = needs
  const watch = createWatch(needs)
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    const isWanted = perHour() > 0
    const seen = await watch(isWanted ? signs : signs.filter(({ measures }) => measures))
    if (!isWanted || !(await isNew(needs, seen))) return
    for (const told of await tell(needs, seen))
      if ('alert' in told) events.alertTold({ alert: told.alert.kind })
      else events.alertOver({ alert: told.over })
  }
  const attempt = (): void => {
    running ??= look()
      // The database is away, which others tell.
      .catch((err: unknown) => events.faulted({ area: 'alerts', err }))
      .finally(() => {
        running = undefined
      })
  }
  return {
    start() {
      attempt()
      timer = setInterval(attempt, everyMs).unref()
    },
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

/** What is wrong, and has been for long enough. */
function createWatch({ clock }: AlertNeeds): (signs: readonly Sign[]) => Promise<Alert[]> {
  const seen = new Map<AlertKind, { since: number; alert: Alert }>()
  async function look({ kind, forMs, look: ask }: Sign): Promise<Alert | undefined> {
    const before = seen.get(kind)
    // What cannot be known is as it was.
    const alert = await ask().catch(() => before?.alert)
    if (!alert) return void seen.delete(kind)
    const now = clock.now()
    // A clock that was put back begins anew.
    const since = Math.min(before?.since ?? now, now)
    seen.set(kind, { since, alert })
    return now - since >= forMs ? alert : undefined
  }
  return async (signs) => (await Promise.all(signs.map(look))).filter((alert) => alert !== undefined)
}

/** Whether anything is to be written: mostly not. */
async function isNew({ store, signs, clock }: AlertNeeds, seen: readonly Alert[]): Promise<boolean> {
  if (seen.length > 0) return true
  const now = clock.now()
  const ends = await Promise.all(signs.map(({ kind }) => store.read.leases.until(episodeOf(kind))))
  return ends.some((until) => until !== undefined && (until <= now || isUnknown(until, now)))
}

/** Later than any end of an episode can be, by clocks that are right: it was seen before a clock was put back. */
const isUnknown = (until: number, now: number): boolean => until > now + 2 * calmMs

/** In one process at a time: the transaction that holds the lease sees what the one before has told. */
async function tell(needs: AlertNeeds, seen: readonly Alert[]): Promise<Told[]> {
  const { store, signs, clock, holder } = needs
  return store.write(async (tx) => {
    const now = clock.now()
    if (!(await tx.leases.hold('alerts', holder, now, now + leaseMs))) return []
    const told: Told[] = []
    for (const { kind } of signs) {
      const step = await stepOf(
        tx,
        kind,
        seen.find((alert) => alert.kind === kind),
        now,
      )
      if (step && (await post(needs, tx, step, now))) told.push(step)
    }
    await tx.leases.release('alerts', holder)
    return told
  })
}

/** What of this kind is to be told now; an episode that goes on is kept open, and one of unknown end for as long as one seen now. */
async function stepOf(
  tx: Writer,
  kind: AlertKind,
  alert: Alert | undefined,
  now: number,
): Promise<Told | undefined> {
  const until = await tx.leases.until(episodeOf(kind))
  if (alert && until === undefined) return { alert }
  if (until === undefined) return undefined
  if (alert || isUnknown(until, now)) await tx.leases.close(episodeOf(kind), now, now + calmMs)
  return !alert && until <= now ? { over: kind } : undefined
}

async function post(needs: AlertNeeds, tx: Writer, step: Told, now: number): Promise<boolean> {
  const over = 'over' in step
  const kind = over ? step.over : step.alert.kind
  const silent = over && momentary.has(kind)
  if (!silent && !(await takeNote(tx, needs.perHour(), now))) return false
  if (over) await tx.leases.open(episodeOf(kind))
  else await tx.leases.close(episodeOf(kind), now, now + calmMs)
  if (!silent) await needs.post(tx, over ? step : step.alert, now)
  return !silent
}

/** Each note of an hour is a named lease, closed for an hour when it was used. */
async function takeNote(tx: Writer, perHour: number, now: number): Promise<boolean> {
  for (let index = 0; index < perHour; index += 1) {
    const name = `alert.note.${index}`
    if ((await tx.leases.closedUntil(name, now)) > now) continue
    await tx.leases.close(name, now, now + hourMs)
    return true
  }
  return false
}
