import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { Client } from 'pg'
import type { Copies, DatabaseFacts } from '../../copy-contract.ts'
import { type Applied, recordsIn } from '../../applied.ts'
import {
  afterRestore,
  copyFault,
  factsOf,
  installationOf,
  markIn,
  placeTaken,
  refusal,
  stopFirst,
} from '../../copy-facts.ts'
import { connectionOf, sessions } from './address.ts'
import { databaseError } from './errors.ts'
import { silenceNewSettings } from './script.ts'
import { findTools, type Tools } from './tools.ts'

interface PostgresOptions {
  kind: 'postgres'
  url: string
  poolMin: number
  poolMax: number
}

interface Server {
  client: Client
  options: PostgresOptions
  find: typeof findTools
  path: string
}

/** Copies of a PostgreSQL database, made and restored by its own programs, which are found in `path`. */
export function createPostgresCopies(options: PostgresOptions, path: string, find = findTools): Copies {
  const { url } = options
  const on = (client: Client): Server => ({ client, options, find, path })
  return {
    copy: (file) => connected(url, (client) => dump(on(client), file)),
    openScratch: (file) => connected(url, (client) => restoreScratch(on(client), file)),
    examine: (scratch) =>
      scratch.kind === 'postgres'
        ? connected(scratch.url, readFacts)
        : Promise.reject(new Error('not a URL')),
    installation: () => connected(url, installationIn),
    size: () => connected(url, async (client) => Number((await column(client, databaseSize))[0])),
    occupation: () => connected(url, occupationOf),
    turnSince: (id) => connected(url, (client) => turnSince(client, id)),
    requireIdle: () => connected(url, requireIdle),
    async makeReady({ file, stamp }) {
      const dumped = `${file}.2.sql`
      const tools = await connected(url, (client) => writeScript(on(client), file, dumped))
      return () => connected(url, (client) => replace(client, { tools, options, file, dumped, stamp }))
    },
  }
}

async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ ...connectionOf(url, 'backup'), connectionTimeoutMillis: 5000 })
  // A connection that breaks tells the next query.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await work(client)
  } catch (error) {
    throw databaseError(error, url)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function column(client: Client, sql: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await client.query({ text: sql, values, rowMode: 'array' })
  return rows.map(([value]: unknown[]) => String(value))
}

const tableNames = (client: Client): Promise<string[]> =>
  column(client, 'select tablename from pg_tables where schemaname = current_schema() order by 1')

const databaseSize = 'select pg_database_size(current_database())'

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const schemaOf = async (client: Client): Promise<string> =>
  (await column(client, 'select current_schema()'))[0] ?? 'public'

/** The programs for this server. */
async function toolsOf({ client, find, path }: Server) {
  const [version] = await column(client, `select current_setting('server_version_num')`)
  const major = Math.floor(Number(version) / 10_000)
  return { ...find(major, path), major }
}

/** The rows are counted in the transaction whose moment the dump shows. */
async function dump(server: Server, file: string): Promise<DatabaseFacts> {
  const { client, options } = server
  const { fitting } = await toolsOf(server)
  const schema = await schemaOf(client)
  await client.query('begin isolation level repeatable read, read only')
  const [snapshot] = await column(client, 'select pg_export_snapshot()')
  const facts = await readFacts(client)
  if (facts.migrations.length === 0)
    throw copyFault('BACKUP_FAILED', {
      found: 'The database has no tables of Parley yet',
      next: 'start the bot first, or correct DATABASE_URL',
    })
  // The archive compresses all of it. Of a schema only what is in it: its tables.
  const what = [
    '--format=custom',
    '--compress=0',
    '--no-owner',
    '--no-privileges',
    `--table=${quoted(schema)}.*`,
  ]
  await fitting.run('pg_dump', [...what, `--snapshot=${snapshot}`, `--file=${file}`], options.url)
  await client.query('commit')
  return facts
}

async function readFacts(client: Client): Promise<DatabaseFacts> {
  const names = await tableNames(client)
  const tables: [string, number][] = []
  for (const name of names) {
    const [count] = await column(client, `select count(*) from ${quoted(name)}`)
    tables.push([name, Number(count)])
  }
  const applied = await appliedIn(client, names)
  return factsOf(applied, await markOf(client, names), Object.fromEntries(tables))
}

async function appliedIn(client: Client, names: readonly string[]): Promise<Applied[]> {
  const records = recordsIn(names)
  return records === undefined ? [] : (await client.query<Applied>(records)).rows
}

async function installationIn(client: Client): Promise<string | undefined> {
  const names = await tableNames(client)
  const applied = await appliedIn(client, names)
  return applied.length === 0 ? undefined : installationOf(applied, await markOf(client, names))
}

/** Of the restore it comes from. */
async function markOf(client: Client, names: readonly string[]): Promise<string | undefined> {
  const mark = markIn(names)
  return mark === undefined ? undefined : (await column(client, mark))[0]
}

/** A database of its own on the same server, so that nothing is ever restored beside what is in use. */
async function restoreScratch(server: Server, file: string) {
  const { client, options } = server
  const schema = await schemaOf(client)
  const script = `${file}.sql`
  const tools = await writeScript(server, file, script)
  const name = `parley_drill_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`
  const url = new URL(options.url)
  url.pathname = `/${name}`
  await createDatabase(client, name)
  const drop = (): Promise<void> => connected(options.url, (again) => dropDatabase(again, name))
  try {
    await connected(url.href, (scratch) => scratch.query(`create schema if not exists ${quoted(schema)}`))
    await tools.run('psql', [...strict, `--file=${script}`], url.href)
    rmSync(script)
    return { options: { ...options, url: url.href, poolMin: 0, poolMax: 5 }, drop }
  } catch (error) {
    await drop()
    throw error
  }
}

/**
 * The server waits some seconds for sessions that are ending. To end them by force takes rights over whoever they are of, which
 * a second user of the application may not have.
 */
async function dropDatabase(client: Client, name: string): Promise<void> {
  await client.query(`drop database ${name}`).catch(() => client.query(`drop database ${name} with (force)`))
}

const dayMs = 86_400_000

/** Made a day ago by a command that was killed. One in use is not dropped. */
function isForgotten(name: string): boolean {
  const [, made] = /^parley_drill_([0-9a-z]{8,9})_[0-9a-f]{8}$/.exec(name) ?? []
  return made !== undefined && Number.parseInt(made, 36) < Date.now() - dayMs
}

async function createDatabase(client: Client, name: string): Promise<void> {
  const names = await column(
    client,
    `select datname from pg_database where datname like 'parley\\_drill\\_%'`,
  )
  for (const left of names.filter(isForgotten))
    await client.query(`drop database "${left}"`).catch(() => undefined)
  try {
    await client.query(`create database ${name} template template0`)
  } catch (error) {
    const mayNot = error instanceof Error && 'code' in error && error.code === '42501'
    if (!mayNot) throw error
    const [user = 'parley'] = await column(client, 'select current_user')
    throw copyFault(
      'BACKUP_FAILED',
      {
        found: `User ${user} may not make the database in which a backup is tried out`,
        next: `as administrator of the server: alter role ${quoted(user)} createdb`,
      },
      error,
    )
  }
}

async function occupationOf(client: Client): Promise<'empty' | 'unused' | 'used'> {
  const names = await tableNames(client)
  if (names.length === 0) return 'empty'
  if (!names.includes('messages') || !names.includes('contacts') || !names.includes('kysely_migration'))
    return 'used'
  const rows = await column(
    client,
    'select * from (select 1 from messages limit 1) a union all select * from (select 1 from contacts limit 1) b',
  )
  return rows.length === 0 ? 'unused' : 'used'
}

async function turnSince(client: Client, id: string): Promise<string | undefined> {
  const [latest] = await column(client, 'select id from turns where id >= $1 order by id desc limit 1', [id])
  return latest
}

async function requireIdle(client: Client): Promise<void> {
  const [count] = await column(client, `select count(*) ${serverSessions}`)
  if (Number(count) > 0) throw refusal(`A server runs on this database (${count} connections)`, stopFirst)
}

const serverSessions = `from pg_stat_activity where datname = current_database() and application_name = '${sessions.server}'`

const strict = ['--no-psqlrc', '--quiet', '--single-transaction', '--set=ON_ERROR_STOP=1']

/** The statements that make what a copy holds, for the programs that are returned. */
async function writeScript(server: Server, file: string, script: string): Promise<Tools> {
  const { fitting, newest, major } = await toolsOf(server)
  writeFileSync(script, '', { mode: 0o600 })
  const write = async (tools: Tools): Promise<Tools> => {
    await tools.run('pg_restore', ['--no-owner', '--no-privileges', `--file=${script}`, file], undefined)
    return tools
  }
  // What newer programs wrote, the server's own may not be able to read.
  const tools = await write(fitting).catch((error: unknown) => {
    if (fitting === newest) throw error
    return write(newest)
  })
  if (major < 17) await silenceNewSettings(script)
  return tools
}

interface Change {
  tools: Tools
  options: PostgresOptions
  file: string
  dumped: string
  stamp: string
}

/** One transaction of psql: what was there moves into a schema of its own, and the copy takes its place. */
async function replace(client: Client, change: Change): Promise<string | undefined> {
  const { tools, options, file, dumped, stamp } = change
  const schema = await schemaOf(client)
  const names = (await tableNames(client)).map((name) => `${quoted(schema)}.${quoted(name)}`)
  const aside = names.length === 0 ? undefined : `before_${stamp.replace(/\W/g, '_').toLowerCase()}`
  if (await isSchema(client, aside)) throw placeTaken(`the schema ${aside}`)
  const moves = names.map((name) => `alter table ${name} set schema ${aside};`)
  const locks = names.map((name) => `lock table ${name};`)
  const before = aside === undefined ? [] : [`create schema ${aside};`, ...moves]
  const [first, last] = [`${file}.1.sql`, `${file}.3.sql`]
  writeFileSync(first, [...locks, refuseServers, ...before].join('\n'), { mode: 0o600 })
  const end = `set search_path = ${quoted(schema)};\n${afterRestore().join(';\n')};\n`
  writeFileSync(last, end, { mode: 0o600 })
  const scripts = [first, dumped, last].map((script) => `--file=${script}`)
  await tools.run('psql', [...strict, ...scripts], options.url).catch((error: unknown) => {
    throw String(error).includes(serverRuns) ? refusal(serverRuns, stopFirst, error) : error
  })
  return aside && `the schema ${aside} (when all is well: drop schema ${aside} cascade)`
}

const isSchema = async (client: Client, name: string | undefined): Promise<boolean> =>
  (await column(client, 'select 1 from pg_namespace where nspname = $1', [name])).length > 0

const serverRuns = 'A server was started on this database meanwhile'

/** Nobody accepts anything any more once the tables are locked: one that came before has its sessions by now. */
const refuseServers = `do $$ begin if exists (select ${serverSessions}) then raise exception '${serverRuns}'; end if; end $$;`
