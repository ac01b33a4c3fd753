import BetterSqlite3 from 'better-sqlite3'
import { ParleyError } from '../../../model/errors.ts'

export const isBusy = (error: unknown): boolean =>
  error instanceof BetterSqlite3.SqliteError && error.code.startsWith('SQLITE_BUSY')

/** Values are to blame for these (https://sqlite.org/rescode.html). */
const refusals = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/

/** Errors of the engine (full disk, broken file, lock) become `DATABASE_UNAVAILABLE`, refused values `DATA_REFUSED`. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error
  if (refusals.test(error.code)) return new ParleyError('DATA_REFUSED', undefined, { cause: error })
  return new ParleyError(
    'DATABASE_UNAVAILABLE',
    `The database refused the work (${error.code}): ${error.message}.`,
    {
      status: 503,
      cause: error,
    },
  )
}
