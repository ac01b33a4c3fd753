/**
 * Codes of what is full, fails or only reads: of SQLite (https://sqlite.org/rescode.html), of PostgreSQL
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html) and of the system.
 */
const lasting = /^(SQLITE_(FULL|IOERR|READONLY|CORRUPT|NOTADB)|53100|58|25006|ENOSPC|EDQUOT|EIO|EROFS)/

/** Whether a database refused for a reason that a smaller write may not meet, so that one it takes proves nothing. */
export function isLasting(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string' && lasting.test(at.code)) return true
  return false
}
