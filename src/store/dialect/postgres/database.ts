import { Pool, type PoolClient, types } from 'pg'
import type { Database, Session } from '../dialect.ts'
import { databaseError } from './errors.ts'
import { createPostgresSession } from './session.ts'

export interface PostgresOptions {
  url: string
  /** Connections kept open once they were needed. */
  poolMin: number
  /** The most connections opened at once. */
  poolMax: number
  /** A connection broke while idle; the pool replaces it. */
  onError: (error: Error) => void
}

const int8 = 20
/** Counts and times of this schema stay below 2^53, so `bigint` comes back as a number. */
const typeParsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : types.getTypeParser(oid, format),
} as typeof types

export function createPool(options: PostgresOptions): Pool {
  const pool = new Pool({
    connectionString: options.url,
    min: options.poolMin,
    max: options.poolMax,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 15_000,
    idle_in_transaction_session_timeout: 15_000,
    application_name: 'parley',
    types: typeParsers,
  })
  pool.on('error', options.onError)
  return pool
}

/** Opens the pool lazily: connections are made when first needed. */
export function openPostgres(options: PostgresOptions): Database {
  const pool = createPool(options)
  const reader = createPostgresSession({
    query: (config) =>
      pool.query(config).catch((error: unknown) => {
        throw databaseError(error)
      }),
  })
  return {
    reader,
    transaction: async (work) => {
      const client = await connect(pool)
      return transact(client, work)
    },
    usage: () => (pool.totalCount - pool.idleCount) / options.poolMax,
    close: () => pool.end(),
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw databaseError(error)
  }
}

async function transact<T>(client: PoolClient, work: (session: Session) => Promise<T>): Promise<T> {
  let usable = true
  // Without a listener a connection that breaks between two statements would end the process.
  const onBroken = (): void => {
    usable = false
  }
  client.on('error', onBroken)
  try {
    await client.query('begin')
    const result = await work(createPostgresSession(client))
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(onBroken)
    throw databaseError(error)
  } finally {
    client.off('error', onBroken)
    client.release(!usable)
  }
}
