/**
 * Named leases: of whoever takes a backup, of whoever takes that of the day, and of the latest one proven, which is good
 * for longer than anybody will ask.
 */
export const backupLeases = { run: 'backup', day: 'backup.day', proven: 'backup.proven' } as const

/** How long the lease of the latest one proven lasts from when that was taken, in milliseconds. */
export const provenFor = 100 * 365 * 86_400_000

/** When the latest backup that was proven was taken; `undefined` when there was none. */
export async function provenAt(leases: {
  until(name: string): Promise<number | undefined>
}): Promise<number | undefined> {
  const until = await leases.until(backupLeases.proven)
  return until === undefined ? undefined : until - provenFor
}
