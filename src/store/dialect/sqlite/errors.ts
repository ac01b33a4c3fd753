import BetterSqlite3 from 'better-sqlite3'
import { ParleyError } from '../../../model/errors.ts'

export const isBusy = (error: unknown): boolean =>
  error instanceof BetterSqlite3.SqliteError && error.code.startsWith('SQLITE_BUSY')

/** Errors of the engine (full disk, broken file, lock) become `DATABASE_UNAVAILABLE`; others pass as they are. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error
  if (error.code.startsWith('SQLITE_CONSTRAINT')) return error
  return new ParleyError(
    'DATABASE_UNAVAILABLE',
    `The database refused the work (${error.code}): ${error.message}.`,
    {
      status: 503,
      cause: error,
    },
  )
}
