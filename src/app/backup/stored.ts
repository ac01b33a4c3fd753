import type { Destination } from '../../backup/destination.ts'
import { backupFault } from '../../backup/fault.ts'
import { createFolderDestination } from '../../backup/folder.ts'
import { type BackupName, parseName } from '../../backup/name.ts'
import { createS3Destination } from '../../backup/s3/s3.ts'
import type { BackupConfig } from '../../config/config.ts'
import { isAhead } from '../../store/store.ts'

export interface StoredBackup extends BackupName {
  bytes: number
}

/** `firstWaitMs`: how long a bucket that is away is let be before it is asked again; each time twice as long. */
export function openDestination({ s3, folder }: BackupConfig, firstWaitMs?: number): Destination {
  if (s3 === undefined) return createFolderDestination(folder)
  return createS3Destination(s3, firstWaitMs === undefined ? {} : { firstWaitMs })
}

export async function listBackups(destination: Destination): Promise<StoredBackup[]> {
  const found = (await destination.list()).flatMap(({ name, bytes }) => {
    const backup = parseName(name)
    return backup ? [{ ...backup, bytes }] : []
  })
  return found.toSorted((a, b) => b.takenAt - a.takenAt)
}

/**
 * The newest of the database `own` where there are any of it; else of each there are some of, the newest first. Those that
 * a clock ahead of now named are not newer than others for that.
 */
function newestOfEach(backups: readonly StoredBackup[], own: string | undefined): StoredBackup[] {
  const now = Date.now()
  const ours = backups.filter(({ installation }) => installation === own)
  const inOrder = (ours.length > 0 ? ours : backups).toSorted(
    (a, b) => Number(isAhead(a.takenAt, now)) - Number(isAhead(b.takenAt, now)) || b.takenAt - a.takenAt,
  )
  return [...Map.groupBy(inOrder, ({ installation }) => installation).values()].flatMap(
    ([newest]) => newest ?? [],
  )
}

/**
 * The newest, of the database `own` where there are any of it; else, where there are those of several, one must be named.
 * `whereNone`: what to do where there is none at all.
 */
export function newestOf(
  backups: readonly StoredBackup[],
  { where }: Pick<Destination, 'where'>,
  own: string | undefined,
  whereNone = 'parley backup takes one',
): StoredBackup {
  const [newest, ...others] = newestOfEach(backups, own)
  if (newest === undefined) throw backupFault('BACKUP_FAILED', `There is no backup in ${where}`, whereNone)
  if (others.length === 0) return newest
  const choice = [newest, ...others].map(({ name, takenAt }) => `${name} (${minuteOf(takenAt)})`)
  throw backupFault(
    'BACKUP_FAILED',
    `There are backups of ${choice.length} databases in ${where}`,
    `name the one that is meant; the newest of each: ${choice.join(', ')}`,
  )
}

const minuteOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** These names, where all of them may go: the newest stays, that of each as long as there is none of the database `own`. */
export function removable(
  backups: readonly StoredBackup[],
  names: readonly string[],
  destination: Pick<Destination, 'where'>,
  own: string | undefined,
): string[] {
  const stay = newestOfEach(backups, own)
  for (const name of names)
    if (stay.includes(named(backups, name, destination)))
      throw backupFault(
        'BACKUP_REFUSED',
        `${name} is the newest backup of its database, and nothing was removed`,
        'it can go once parley backup has taken a newer one of the database that is here',
      )
  return [...new Set(names)]
}

export function named(
  backups: readonly StoredBackup[],
  name: string,
  { where }: Pick<Destination, 'where'>,
): StoredBackup {
  const backup = backups.find((each) => each.name === name)
  if (backup) return backup
  throw backupFault(
    'BACKUP_FAILED',
    `There is no backup ${name} in ${where}`,
    'parley backup list tells which there are',
  )
}
