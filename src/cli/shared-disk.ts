import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../config/config.ts'
import { isRemote } from './doctor/remote.ts'
import { nearest } from './doctor/folder.ts'

/**
 * What lies on one disk with the folder of the backups, which would be lost with it; `undefined`: nothing, as far as this machine
 * can tell, or they are in a bucket. Of a server on this machine its data is taken to be on the disk of `/`.
 */
export function besideBackups({ database, backup }: Pick<Config, 'database' | 'backup'>): string | undefined {
  if (backup.s3 !== undefined) return undefined
  const isOnDiskOf = (path: string): boolean =>
    statSync(nearest(path)).dev === statSync(nearest(backup.folder)).dev
  if (database.kind === 'sqlite') return isOnDiskOf(dirname(database.path)) ? 'the database' : undefined
  return !isRemote(database.url) && isOnDiskOf('/') ? 'this machine, where the database is' : undefined
}

export const placeElsewhere =
  'name a place elsewhere: BACKUP_DIR (BACKUPS with compose), or a bucket (docs/guides/backups.md)'
