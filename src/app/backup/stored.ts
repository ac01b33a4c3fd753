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

export function openDestination({ s3, folder }: BackupConfig): Destination {
  return s3 === undefined ? createFolderDestination(folder) : createS3Destination(s3)
}

export async function listBackups(destination: Destination): Promise<StoredBackup[]> {
  const found = (await destination.list()).flatMap(({ name, bytes }) => {
    const backup = parseName(name)
    return backup ? [{ ...backup, bytes }] : []
  })
  return found.toSorted((a, b) => b.takenAt - a.takenAt)
}

/**
 * The newest, of the database `own` where there are any of it; else, where there are those of several, one must be named.
 * Those that a clock ahead of `now` named are not newer than others for that.
 */
export function newestOf(
  backups: readonly StoredBackup[],
  { where }: Pick<Destination, 'where'>,
  own: string | undefined,
  now = Date.now(),
): StoredBackup {
  const ours = backups.filter(({ installation }) => installation === own)
  const found = ours.length > 0 ? ours : backups
  const inOrder = found.toSorted(
    (a, b) => Number(isAhead(a.takenAt, now)) - Number(isAhead(b.takenAt, now)) || b.takenAt - a.takenAt,
  )
  const [newest] = inOrder
  if (newest === undefined)
    throw backupFault('BACKUP_FAILED', `There is no backup in ${where}`, 'parley backup takes one')
  const others = new Map(inOrder.toReversed().map((backup) => [backup.installation, backup.name]))
  if (others.size > 1)
    throw backupFault(
      'BACKUP_FAILED',
      `There are backups of ${others.size} databases in ${where}`,
      `name the one that is meant; the newest of each: ${[...others.values()].join(', ')}`,
    )
  return newest
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
