import { DatabaseError } from 'pg'
import { ParleyError } from '../../../model/errors.ts'

/** Classes of SQLSTATE that mean "not now" (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const unavailable = ['08', '25', '53', '55', '57', '58', 'XX']
/** Serialization failure and deadlock: the same transaction may succeed at once. */
const pushedAside = ['40001', '40P01']
const connectionCodes = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/
/** What `pg` and its pool say of a connection; these errors have no code. */
const connectionWords =
  /^(Connection terminated|Connection ended|Query read timeout|timeout exceeded when trying to connect|Client (was closed|has encountered a connection error|.*not queryable))/

/** Faults of the server or the connection become `DATABASE_UNAVAILABLE`; refusals of a statement pass as they are. */
export function databaseError(error: unknown): unknown {
  if (!isUnavailable(error) && !isPushedAside(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new ParleyError('DATABASE_UNAVAILABLE', `The database cannot be used now: ${reason}.`, {
    status: 503,
    cause: error,
  })
}

/** Another transaction was in the way; this one was rolled back. */
export const isPushedAside = (error: unknown): boolean =>
  error instanceof DatabaseError && pushedAside.includes(error.code ?? '')

/** The server or the connection cannot be used now. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof ParleyError) return false
  if (error instanceof DatabaseError) return unavailable.some((group) => error.code?.startsWith(group))
  if ('code' in error && typeof error.code === 'string') return connectionCodes.test(error.code)
  return connectionWords.test(error.message)
}
