import { setTimeout as sleep } from 'node:timers/promises'
import { dayBefore, dayOf, startOfDay, timeOf } from '../model/calendar.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { ProvenBackup } from '../ops/events/backup.ts'
import { backupLeases, provenAt, type Store } from '../store/store.ts'

export interface BackupNeeds {
  store: Pick<Store, 'read' | 'write'>
  /** When, as `03:30`; `undefined`: never. */
  dailyAt: string | undefined
  /** Whose clocks count. */
  zone: string
  /** Takes one and proves it. */
  take(signal: AbortSignal): Promise<Omit<ProvenBackup, 'seconds'>>
  events: Pick<Events, 'backupProven' | 'backupFailed' | 'faulted'>
  clock: Clock
  /** Names this process in the lease. */
  holder: string
  /** How often it is looked whether one is due, in milliseconds. */
  everyMs?: number
}

export interface BackupJob {
  start(): void
  /** Ends the one being taken, of which nothing is kept. */
  stop(): Promise<void>
}

const lookMs = 60_000
/** Nobody tries again before, whether it failed or its process died. */
const againMs = 3_600_000

/**
 * Has a backup taken when none was proven since it last struck that time: once a day, by one process of all, also when
 * nothing ran at that time, and at once where there is none at all. One taken by hand counts.
 */
export function createBackupJob(needs: BackupNeeds): BackupJob {
  const { store, dailyAt, zone, take, events, clock, holder, everyMs = lookMs } = needs
  const stopped = new AbortController()
  let running: Promise<void> = Promise.resolve()

  async function attempt(time: string): Promise<void> {
    const now = clock.now()
    const { leases } = store.read
    if (((await provenAt(leases, now)) ?? 0) >= lastStroke(now, time, zone)) return
    const until = (await leases.until(backupLeases.day)) ?? 0
    if (until > now && until <= now + againMs) return
    const again = now + againMs
    if (!(await store.write((tx) => tx.leases.hold(backupLeases.day, holder, now, again)))) return
    try {
      const began = performance.now()
      const taken = await take(stopped.signal)
      events.backupProven({ ...taken, seconds: Math.round(performance.now() - began) / 1000 })
    } catch (error) {
      if (stopped.signal.aborted) return
      events.backupFailed({ reason: error instanceof Error ? error.message : String(error), again })
    }
  }

  async function look(time: string): Promise<void> {
    while (!stopped.signal.aborted) {
      await attempt(time).catch((err: unknown) => {
        if (!stopped.signal.aborted) events.faulted({ area: 'backup', err })
      })
      await sleep(everyMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined)
    }
  }

  return {
    start() {
      if (dailyAt !== undefined) running = look(dailyAt)
    },
    async stop() {
      stopped.abort()
      await running
    },
  }
}

/** When the clocks of a zone last showed this time; where they leapt over it, when they would have. */
export function lastStroke(now: number, time: string, zone: string): number {
  const day = dayOf(now, zone)
  const today = strokeOf(day, time, zone)
  return today <= now ? today : strokeOf(dayBefore(day, 1), time, zone)
}

/** By how much clocks are put forward or back somewhere, in minutes. */
const changes = [-120, -60, -30, 0, 30, 60, 120]

function strokeOf(day: string, time: string, zone: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  const plain = startOfDay(day, zone) + (hours * 60 + minutes) * 60_000
  const shown = changes
    .map((change) => plain + change * 60_000)
    .find((at) => dayOf(at, zone) === day && timeOf(at, zone) === time)
  return shown ?? plain
}
