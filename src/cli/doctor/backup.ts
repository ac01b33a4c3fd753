import { wantsBackups } from '../../app/backup-wanted.ts'
import type { Config } from '../../config/config.ts'
import { thisUser } from '../../model/user.ts'
import { isAhead, recordedProof, type Store } from '../../store/store.ts'
import { ageText } from '../amounts.ts'
import { besideBackups, placeElsewhere } from '../shared-disk.ts'
import { checkOtherDisk, disksOf, findObstacle } from './folder.ts'
import { fail, type Item, ok, skip, warn } from './item.ts'

/** A day, and two hours for it to be taken and proven. */
const oldestMs = 26 * 3_600_000

/** How old the latest backup is that was restored and answered. */
export async function checkBackup(
  config: Pick<Config, 'environment' | 'backup'>,
  store: { read: { leases: Pick<Store['read']['leases'], 'until'> } } & Pick<Store, 'begunAt'>,
  now: number,
): Promise<Item[]> {
  const at = await recordedProof(store.read.leases)
  const daily =
    'parley backup takes one now; where no timer or job takes one each day, backup.daily_at (BACKUP_DAILY_AT) does'
  if (at === undefined) {
    if (!wantsBackups(config)) return [skip('backup', 'there is none')]
    const isNew = now - ((await store.begunAt()) ?? now) <= oldestMs
    return [(isNew ? warn : fail)('backup', 'there is none', daily)]
  }
  if (isAhead(at, now)) {
    const found = `the latest proven one is of ${new Date(at).toISOString()}, which is to come: a clock was wrong`
    return [
      fail('backup', found, 'look at the clock of this machine; then parley backup takes one that counts'),
    ]
  }
  const found = `the latest proven one is ${ageText(now - at)} old`
  return [now - at > oldestMs ? fail('backup', found, daily) : ok('backup', found)]
}

/** In a cluster: deploy/kubernetes/base names a folder that cannot be, so that no process keeps a backup in itself. */
export const isOfJobs = (folder: string): boolean => /\/only-in-jobs-of-[^/]+$/.test(folder)

/**
 * Whether a backup could be kept; nothing is said where it could, but of the disk: where it is that of the data, or is not looked at
 * already. Who takes one from elsewhere may have another place for it.
 */
export async function checkBackupFolder(
  config: Pick<Config, 'environment' | 'backup' | 'database'>,
  dataDir: string,
): Promise<Item[]> {
  const { folder, s3, dailyAt } = config.backup
  if (!wantsBackups(config) || s3 !== undefined) return []
  if (isOfJobs(folder)) return [skip('backup folder', 'only jobs have it here: deploy/job.ts runs one')]
  const obstacle = await findObstacle(folder)
  if (obstacle === undefined)
    return [
      ...judgeDisk(config),
      ...(await checkOtherDisk(folder, 'BACKUP_DIR', disksOf(dataDir, config.database))),
    ]
  const next = `make ${folder} and let the user ${thisUser()} write there, or set BACKUP_DIR`
  const found = `no backup can be kept in ${folder}: ${obstacle}`
  return [(dailyAt === undefined ? warn : fail)('backup folder', found, next)]
}

function judgeDisk(config: Pick<Config, 'backup' | 'database'>): Item[] {
  const beside = besideBackups(config)
  if (beside === undefined) return []
  const found = `${config.backup.folder} is on the disk of ${beside}: backups would be lost with it`
  return [warn('backup folder', found, placeElsewhere)]
}
