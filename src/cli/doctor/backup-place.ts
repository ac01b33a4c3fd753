import { existsSync } from 'node:fs'
import { wantsBackups } from '../../app/backup-wanted.ts'
import { listBackups, openDestination, type StoredBackup } from '../../app/backup/stored.ts'
import type { Config } from '../../config/config.ts'
import { isOfJobs } from './backup.ts'
import { findObstacle } from './folder.ts'
import { fail, type Item, ok, warn, within } from './item.ts'

type Needs = Pick<Config, 'environment' | 'backup'>

/** Where backups are kept, as far as it could be looked at. */
export interface Place {
  items: Item[]
  where: string
  /** `undefined`: nobody could look, and `items` or the check of the folder say why. */
  backups?: StoredBackup[]
}

const name = 'backup place'

/** Five tries of a store that is away for a moment end within two seconds. */
const firstWaitMs = 100

/** Lists the place; a bucket answers, or the item says what is wrong with its key, its name or the way there. Never throws. */
export async function checkBackupPlace({ environment, backup }: Needs): Promise<Place> {
  const destination = openDestination(backup, firstWaitMs)
  const place: Place = { items: [], where: destination.where }
  if (!wantsBackups({ environment, backup })) return place
  if (backup.s3 === undefined && (isOfJobs(backup.folder) || (await findObstacle(backup.folder))))
    return place
  const advice =
    backup.s3 === undefined
      ? 'check the disk of BACKUP_DIR'
      : 'check backup.s3.endpoint (BACKUP_S3_ENDPOINT), and the network'
  place.items = await within(8000, name, advice, async () => {
    place.backups = await listBackups(destination)
    return backup.s3 === undefined ? [] : [ok(name, `${place.where} answers`)]
  })
  return place
}

/** Whether the latest proven backup, by when it was taken, is still in its place. */
export function judgeKept({ backup }: Needs, { where, backups }: Place, proven: number | undefined): Item[] {
  if (!backups || proven === undefined || backups.some(({ takenAt }) => takenAt === proven)) return []
  // Who takes one from elsewhere may have another place for it.
  const isElsewhere = backup.s3 === undefined && backup.dailyAt === undefined && !existsSync(backup.folder)
  const found = `the latest proven one, of ${new Date(proven).toISOString()}, is not among the ${backups.length} in ${where}`
  const next = 'see who removed it, and whether its disk is mounted there; parley backup takes one now'
  return [(isElsewhere ? warn : fail)(name, found, next)]
}
