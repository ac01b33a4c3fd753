import { DatabaseError } from 'pg'
import { ParleyError } from '../../../model/errors.ts'

/** Classes of SQLSTATE that mean "not now" (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const unavailable = ['08', '25', '40', '53', '54', '55', '57', '58', 'XX']
const connectionCodes = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/
const connectionWords = /connection|timeout|terminated|not queryable/i

/** Faults of the server or the connection become `DATABASE_UNAVAILABLE`; refusals of a statement pass as they are. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ParleyError) return error
  if (!isUnavailable(error)) return error
  return new ParleyError('DATABASE_UNAVAILABLE', `The database cannot be used now: ${error.message}.`, {
    status: 503,
    cause: error,
  })
}

function isUnavailable(error: Error): boolean {
  if (error instanceof DatabaseError) return unavailable.some((group) => error.code?.startsWith(group))
  if ('code' in error && typeof error.code === 'string' && connectionCodes.test(error.code)) return true
  return connectionWords.test(error.message)
}
