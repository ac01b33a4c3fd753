import { diagnosed, type ErrorCode, type ParleyError } from '../model/errors.ts'

type BackupCode = Extract<ErrorCode, `BACKUP_${string}`>

/** An error that says what is wrong and what to do. */
export const backupFault = (code: BackupCode, found: string, next: string, cause?: unknown): ParleyError =>
  diagnosed(code, found, next, cause)

/** A backup that is not what was written. */
export const damaged = (what: string, cause?: unknown): ParleyError =>
  backupFault(
    'BACKUP_DAMAGED',
    `The backup is damaged: ${what}`,
    'nothing was touched; take another one: parley backup list',
    cause,
  )

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The folder may well be writable for whoever looks, but not for a service that is shut in. */
const notGiven =
  'let this process write there (ReadWritePaths= of its systemd unit, a volume of its container), or name another'

/** What a full disk, a missing right and the like mean to whoever waits for a backup; anything else as it is. */
export function ofFileSystem(error: unknown, place: string): unknown {
  const code = codeOf(error)
  const unusable = `${place} cannot be used: ${reasonOf(error)}`
  const [found, next] =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? [`There is no room left at ${place}`, 'free some space, or name another place: BACKUP_DIR, DATA_DIR']
      : code === 'EROFS'
        ? [unusable, notGiven]
        : /^(EACCES|EPERM|ENOTDIR|EIO|ENOENT)$/.test(code)
          ? [unusable, 'make it writable for this user, or name another']
          : []
  return found === undefined || next === undefined ? error : backupFault('BACKUP_FAILED', found, next, error)
}
