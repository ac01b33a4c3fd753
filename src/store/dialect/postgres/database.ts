import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { Pool, types } from 'pg'
import type { Database } from '../dialect.ts'
import { connectionOf } from './address.ts'
import { databaseError, isPushedAside } from './errors.ts'
import { createPostgresSession } from './session.ts'
import { transact } from './transact.ts'

export interface PostgresOptions {
  url: string
  /** Connections kept open once they were needed. */
  poolMin: number
  /** The most connections opened at once. */
  poolMax: number
  /** Migrations take as long as they take. */
  patient?: boolean
  /** A connection broke while idle; the pool replaces it. */
  onError: (error: Error) => void
}

const int8 = 20
/** Counts and times of this schema stay below 2^53, so `bigint` comes back as a number. */
const typeParsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : types.getTypeParser(oid, format),
} as typeof types

/** The server ends what takes too long; a connection that fell silent is given up from here. Milliseconds. */
const limits = {
  statement_timeout: 15_000,
  idle_in_transaction_session_timeout: 15_000,
  query_timeout: 20_000,
}

/**
 * Every statement of ours looks up few rows by a key. PostgreSQL guesses a hundred for each JSON parameter and, while a table
 * is small, would rather read all of it and hash: nested loops over an index are right from the first row to the last.
 */
export const planning = '-c enable_hashjoin=off -c enable_mergejoin=off -c random_page_cost=1.1'

function openPool(options: PostgresOptions): Pool {
  const pool = new Pool({
    ...connectionOf(options.url, 'server'),
    min: options.poolMin,
    max: options.poolMax,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...(options.patient ? {} : limits),
    pipeline: true,
    options: planning,
    types: typeParsers,
  })
  // Between the pool's listener and ours there is none: a server that ends what it has just let in would end the process.
  pool.on('connect', (client) => client.on('error', ignore))
  pool.on('error', (error) => {
    // The pool hangs the whole connection on it: nothing for a log.
    Reflect.deleteProperty(error, 'client')
    options.onError(error)
  })
  return pool
}

/** Opens the pool lazily: connections are made when first needed. */
export function openPostgres(options: PostgresOptions): Database {
  const pool = openPool(options)
  const { url } = options
  return {
    reader: createPostgresSession({ query: (config) => named(url, () => pool.query(config)) }),
    transaction: (work) => named(url, () => repeatedly(async () => transact(await pool.connect(), work))),
    // Each is a few ways to the server.
    gatherMs: 20,
    usage: () => (pool.totalCount - pool.idleCount) / options.poolMax,
    close: () => pool.end(),
  }
}

/** Connections for Kysely's migrator; what goes wrong with one is a `ParleyError` as everywhere. */
export function createPool(options: PostgresOptions): PostgresPool {
  const pool = openPool(options)
  const { url } = options
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await named(url, () => pool.connect())
      // Typed for cursors as well, which the migrator has none of.
      const query = (sql: unknown, parameters: unknown): unknown =>
        named(url, () => client.query(sql as string, parameters as unknown[]))
      return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) }
    },
  }
}

/** Rejects with what `databaseError` makes of an error. */
async function named<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw databaseError(error, url)
  }
}

/** A connection that broke tells the next statement. */
const ignore = (): void => undefined

/** Tries again what another transaction pushed aside, `tries` times in all; it left nothing behind. */
export async function repeatedly<T>(run: () => Promise<T>, tries = 4): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await run()
    } catch (error) {
      if (count >= tries || !isPushedAside(error)) throw error
    }
  }
}
