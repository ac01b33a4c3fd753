import { DatabaseError } from 'pg'
import { ParleyError } from '../../../model/errors.ts'
import { diagnose } from './diagnosis.ts'

/**
 * Classes of SQLSTATE that mean "not now" or "not you" (https://www.postgresql.org/docs/current/errcodes-appendix.html):
 * no message is to blame for them.
 */
const unavailable = ['08', '25', '28', '3D', '42501', '53', '55', '57', '58', 'XX']
/** Values are to blame for these: data exceptions and violated constraints. */
const refusals = ['22', '23']
/** Serialization failure and deadlock: the same transaction may succeed at once. */
const pushedAside = ['40001', '40P01']
/** Of the network, of a socket file or certificate that cannot be read, and of TLS. */
const connectionCodes =
  /^(ECONN|EPIPE|EPROTO|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT|EACCES|ERR_SSL|ERR_TLS|UNABLE_TO|.*CERT)/
/** What `pg` and its pool say of a connection; these errors have no code. */
const connectionWords =
  /^(Connection terminated|Connection ended|Query read timeout|timeout expired|timeout exceeded when trying to connect|Client (was closed|has encountered a connection error|.*not queryable)|SASL|The server does not support SSL|There was an error establishing an SSL)/

/**
 * Faults of the server or the connection become `DATABASE_UNAVAILABLE`, with what an operator should know of it; refused
 * values `DATA_REFUSED`. `url` is where the database is.
 */
export function databaseError(error: unknown, url: string): unknown {
  if (isRefusal(error)) return new ParleyError('DATA_REFUSED', undefined, { cause: error })
  if (!isUnavailable(error) && !isPushedAside(error)) return error
  const diagnosis = diagnose(error, url)
  return new ParleyError('DATABASE_UNAVAILABLE', undefined, { status: 503, cause: error, diagnosis })
}

const isRefusal = (error: unknown): boolean =>
  error instanceof DatabaseError && refusals.some((group) => error.code?.startsWith(group))

/** Another transaction was in the way, or a migration; this one was rolled back. */
export function isPushedAside(error: unknown): boolean {
  const known = error instanceof ParleyError ? error.cause : error
  return known instanceof DatabaseError && (pushedAside.includes(known.code ?? '') || isStale(known))
}

/** A newer version migrated a table under a statement prepared before: another connection prepares it anew. */
const isStale = ({ code, message }: DatabaseError): boolean =>
  code === '0A000' && message.includes('cached plan')

/** The server or the connection cannot be used now. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof ParleyError) return false
  if (error instanceof DatabaseError)
    return isStale(error) || unavailable.some((group) => error.code?.startsWith(group))
  if ('code' in error && typeof error.code === 'string') return connectionCodes.test(error.code)
  return connectionWords.test(error.message)
}
