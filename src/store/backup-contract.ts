import { isAhead } from './lease-time.ts'

/**
 * Named leases: of whoever takes a backup, of whoever takes that of the day, and two that are good for longer than anybody will
 * ask: of the latest one proven, and of the restore that the database comes from, whose holder is the mark drawn for it.
 */
export const backupLeases = {
  run: 'backup',
  day: 'backup.day',
  proven: 'backup.proven',
  restored: 'backup.restored',
} as const

/** How long those two last, the first from when that backup was taken, in milliseconds. */
export const provenFor = 100 * 365 * 86_400_000

interface Leases {
  until(name: string): Promise<number | undefined>
}

/** When the latest backup that was proven was taken; `undefined` when there was none, or the clock was ahead by then. */
export async function provenAt(leases: Leases, now: number): Promise<number | undefined> {
  const at = await recordedProof(leases)
  return at === undefined || isAhead(at, now) ? undefined : at
}

/** When it was taken by the clock of then, which may have been ahead. */
export async function recordedProof(leases: Leases): Promise<number | undefined> {
  const until = await leases.until(backupLeases.proven)
  return until === undefined ? undefined : until - provenFor
}

interface WritableLeases extends Leases {
  open(name: string): Promise<void>
  close(name: string, now: number, until: number): Promise<void>
}

/** Records that a backup was proven. The latest stays, but for one that a clock ahead of `now` wrote. */
export async function recordProof(leases: WritableLeases, takenAt: number, now: number): Promise<void> {
  if (isAhead(takenAt, now)) return
  if ((await provenAt(leases, now)) === undefined) await leases.open(backupLeases.proven)
  await leases.close(backupLeases.proven, now, takenAt + provenFor)
}
