import BetterSqlite3 from 'better-sqlite3'
import { diagnosed, ParleyError } from '../../../model/errors.ts'

export const isBusy = (error: unknown): boolean =>
  error instanceof BetterSqlite3.SqliteError && error.code.startsWith('SQLITE_BUSY')

/** The file is no database, or one that is broken. */
const damage = /^SQLITE_(CORRUPT|NOTADB)/

const isDamage = (error: unknown): boolean =>
  error instanceof BetterSqlite3.SqliteError && damage.test(error.code)

const newestBackup =
  'stop the server; parley restore --force then brings the newest backup back and keeps this file under another name'

/** Why the file at `path` does not open. */
export function openingError(path: string, cause: unknown): ParleyError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const found = `The database file ${path} cannot be opened: ${reason}`
  const next = 'check that DATABASE_PATH names a database file this user may write'
  return diagnosed('DATABASE_UNAVAILABLE', found, isDamage(cause) ? newestBackup : next, cause)
}

/** Values are to blame for these (https://sqlite.org/rescode.html). */
const refusals = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/

/** Errors of the engine (full disk, broken file, lock) become `DATABASE_UNAVAILABLE`, refused values `DATA_REFUSED`. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error
  if (refusals.test(error.code)) return new ParleyError('DATA_REFUSED', undefined, { cause: error })
  const found = `The database refused the work (${error.code}): ${error.message}`
  return new ParleyError('DATABASE_UNAVAILABLE', `${found}.`, {
    status: 503,
    cause: error,
    ...(isDamage(error) && { diagnosis: { found, next: newestBackup } }),
  })
}
