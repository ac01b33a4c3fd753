import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type Lock, lockOf } from '../../backup/archive.ts'
import type { Bytes } from '../../backup/bytes.ts'
import { backupFault, codeOf } from '../../backup/fault.ts'
import { readFileAt, unreadable } from '../../backup/folder.ts'
import type { BackupName } from '../../backup/name.ts'
import type { BackupConfig } from '../../config/config.ts'
import { type Copies, openCopies } from '../../store/copy.ts'
import type { DeskNeeds } from './desk.ts'
import { listBackups, named, newestOf, openDestination } from './stored.ts'

/** Where a backup comes from. */
export interface RestoreSource {
  /** For people. */
  name: string
  lock: Lock
  /** What its name says of it; `undefined`: a file may have any. */
  backup?: BackupName
  read(): Promise<Bytes>
}

/** A file, a backup by name, or the newest there is. `unencrypted`: whoever asks knows who wrote it. */
export async function findSource(
  { loaded, path }: Pick<DeskNeeds, 'loaded' | 'path'>,
  wanted: string | undefined,
  unencrypted: boolean,
): Promise<RestoreSource> {
  const { database, backup: settings } = loaded.config
  const lockedAs = (name: string): Lock => {
    const lock = lockOf(name, settings.passphrase)
    return unencrypted ? { ...lock, mayBePlain: true } : lock
  }
  if (wanted !== undefined && (wanted.includes('/') || existsSync(wanted))) {
    const found = await stat(wanted).catch((error: unknown) => {
      if (codeOf(error) === 'EACCES') throw unreadable(wanted, error)
      return undefined
    })
    if (!found?.isFile())
      throw backupFault(
        'BACKUP_FAILED',
        `There is no file ${wanted}`,
        'name a backup, or the path of its file',
      )
    return { name: wanted, lock: lockedAs(wanted), read: () => readFileAt(wanted) }
  }
  const destination = openDestination(settings)
  const backups = await listBackups(destination)
  const backup =
    wanted === undefined
      ? newestOf(backups, destination, await ownOf(await openCopies(database, path)), whereNone(settings))
      : named(backups, wanted, destination)
  return { name: backup.name, lock: lockedAs(backup.name), backup, read: () => destination.read(backup.name) }
}

/** What was lost cannot be backed up any more. */
const whereNone = ({ s3 }: BackupConfig): string =>
  s3 === undefined
    ? 'name the file of one, or look whether BACKUP_DIR is the right folder and its disk is mounted'
    : 'name the file of one, or look whether BACKUP_S3_BUCKET and BACKUP_S3_PREFIX are right'

/** Which database is in the place. One nobody has written to was started by mistake, and is not the one to be brought back. */
async function ownOf(copies: Copies): Promise<string | undefined> {
  const isUsed = (await copies.occupation()) === 'used'
  return isUsed ? copies.installation().catch(() => undefined) : undefined
}
