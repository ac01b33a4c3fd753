import type { Client } from 'pg'
import { wantsBackups } from '../../app/backup-wanted.ts'
import type { Config } from '../../config/config.ts'
import { judgeClock } from './clock.ts'
import { fail, type Item, ok, reasonOf, skip, warn } from './item.ts'
import { checkTools } from './tools.ts'

interface Connections {
  most: number
  /** Kept for administrators. */
  reserved: number
  used: number
  /** Of them, those of Parley on this database. */
  ours: number
}

/** The server of the database: its clock, whether it has connections left, and whether it can be copied from here. */
export async function checkDatabaseServer(
  config: Pick<Config, 'database' | 'environment' | 'backup'>,
  programs?: string,
): Promise<Item[]> {
  const { database } = config
  if (database.kind === 'sqlite')
    return [
      skip('database clock', 'the embedded database uses the clock of this machine'),
      skip('pool', 'the embedded database has no connections'),
    ]
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: database.url, connectionTimeoutMillis: 4000 })
  // A connection that breaks tells the next query.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return [
      await askClock(client),
      judgePool(await askConnections(client), database.poolMax),
      checkTools(config, await askMajor(client), programs),
      ...(wantsBackups(config) ? await checkScratch(client, config.backup) : []),
    ]
  } catch (error) {
    return unreachable(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

const tooMany = '53300'

function unreachable(error: unknown): Item[] {
  const clock = skip('database clock', 'the database does not answer')
  const isFull = error instanceof Error && 'code' in error && error.code === tooMany
  return isFull
    ? [clock, fail('pool', `the database takes no more connections: ${reasonOf(error)}`, fewer)]
    : [clock, skip('pool', 'the database does not answer')]
}

async function askClock(client: Client): Promise<Item> {
  const asked = Date.now()
  const { rows } = await client.query<{ ms: string }>(
    'select extract(epoch from clock_timestamp()) * 1000 as ms',
  )
  return judgeClock(Number(rows[0]?.ms) - (asked + Date.now()) / 2)
}

async function askMajor(client: Client): Promise<number> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version_num') as version`,
  )
  return Math.floor(Number(rows[0]?.version) / 10_000)
}

/** A backup is tried out in a database of its own; nothing is said where one can be made. */
async function checkScratch(client: Client, { dailyAt }: Config['backup']): Promise<Item[]> {
  const { rows } = await client.query<{ user: string }>(
    'select rolname as user from pg_roles where rolname = current_user and not (rolcreatedb or rolsuper)',
  )
  return rows.map(({ user }) =>
    (dailyAt === undefined ? warn : fail)(
      'backup tools',
      `user ${user} may not make the database in which a backup is tried out`,
      `as administrator of the server: alter role "${user}" createdb`,
    ),
  )
}

/** Other users' sessions hide from an ordinary one what they are, but not where they are counted. */
async function askConnections(client: Client): Promise<Connections> {
  const { rows } = await client.query<Connections>(`
    select current_setting('max_connections')::int as most,
      current_setting('superuser_reserved_connections')::int as reserved,
      (select sum(numbackends)::int from pg_stat_database) as used,
      (select count(*)::int from pg_stat_activity
        where datname = current_database() and application_name = 'parley') as ours`)
  return rows[0] ?? { most: 0, reserved: 0, used: 0, ours: 0 }
}

const fewer = 'lower DATABASE_POOL_MAX of the processes, or raise max_connections of the server'

function judgePool({ most, reserved, used, ours }: Connections, poolMax: number): Item {
  const usable = most - reserved
  const found = `${used} of ${usable} connections of the server are taken, ${ours} by Parley`
  if (poolMax > usable)
    return fail('pool', `DATABASE_POOL_MAX is ${poolMax}, the server takes ${usable} in all`, fewer)
  return used > usable * 0.9 ? warn('pool', found, fewer) : ok('pool', found)
}
