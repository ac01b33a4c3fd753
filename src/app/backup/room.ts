import { statfs } from 'node:fs/promises'
import { backupFault } from '../../backup/fault.ts'

/**
 * What a backup takes of the data folder, as a multiple of the database: the copy and its archive, then the archive and what
 * is restored from it; a drill the latter alone, which PostgreSQL's programs write out once more.
 */
export const takes = { backup: 2.5, drill: 2 } as const

/** Throws where a disk has less left: to fill it would stop the server that writes there. */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free >= bytes) return
  throw backupFault(
    'BACKUP_FAILED',
    `There is no room left at ${folder}: this takes about ${megabytes(bytes)}, and ${megabytes(free)} are free`,
    'free some space there, or name a data folder on a larger disk: DATA_DIR',
  )
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`
