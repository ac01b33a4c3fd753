import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { diagnosed, type ParleyError } from '../../../model/errors.ts'
import { unfinished } from '../../applied.ts'
import { stopFirst } from '../../copy-facts.ts'
import type { Bookmark, TableShape, TransferRow, TransferTarget } from '../../transfer-contract.ts'
import { isMoved, movedMark, movedRows } from '../../transfer-tables.ts'
import type { ColumnType } from '../dialect.ts'
import { connectionOf, sessions } from './address.ts'
import { databaseError } from './errors.ts'
import { postgresSyntax } from './syntax.ts'

/** Any number: that of this work, for `pg_advisory_lock`. */
const lockNumber = 7_253_119

const rowsAtATime = 2000

/** How a database is made ready for data. */
export interface Preparation {
  /** Of the tables the data comes from. */
  names: readonly string[]
  /** Gives it the schema of this version. */
  migrate(): Promise<void>
}

/**
 * A PostgreSQL database, over one connection; throws while somebody else uses it. It is as it is without a `preparation`, and
 * with one until it is known that nothing in it is in the way.
 */
export async function openTarget(url: string, preparation?: Preparation): Promise<TransferTarget> {
  const client = new Client(connectionOf(url, 'transfer'))
  // A connection that breaks tells the next query.
  client.on('error', () => undefined)
  const ask = async <R>(text: string, values: unknown[] = []): Promise<R[]> => {
    try {
      return (await client.query({ text, values })).rows as R[]
    } catch (error) {
      throw databaseError(error, url)
    }
  }
  try {
    await client.connect().catch((error: unknown) => {
      throw databaseError(error, url)
    })
    await requireIdle(ask)
    if (preparation) await prepare(ask, preparation)
    // What was moved and where the bookmark stands are lost together, or not at all.
    await ask('set synchronous_commit = off')
    const tables = await tablesOf(ask)
    return {
      tables,
      isPart: () => isPart(ask),
      isEmpty: async () => (await isPart(ask)) || (await filledAmong(ask, tables)).length === 0,
      requireEmpty: async () => ((await isPart(ask)) ? undefined : requireEmpty(ask, tables)),
      hasHad: async (digest) =>
        (await ask('select 1 from leases where name = $1', [movedMark + digest])).length > 0,
      begin: (installation, restart) => begin(ask, tables, installation, restart),
      bookmark: (table) => bookmarkOf(ask, table),
      append: (table, rows, bookmark) => append(ask, table, rows, bookmark),
      scan: (table) => scan(ask, table),
      finish: (digest) => finish(ask, tables, digest),
      close: () => client.end(),
    }
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

type Ask = <R>(text: string, values?: unknown[]) => Promise<R[]>

const refusal = (found: string, next: string): ParleyError => diagnosed('TRANSFER_REFUSED', found, next)

async function requireIdle(ask: Ask): Promise<void> {
  for (let left = 5; ; left -= 1) {
    const servers = await ask(
      'select 1 from pg_stat_activity where datname = current_database() and application_name = $1',
      [sessions.server],
    )
    if (servers.length === 0) break
    if (left === 0) throw refusal(`A server runs on the database (${servers.length} connections)`, stopFirst)
    // The connections of what was stopped a moment ago may not be gone yet.
    await sleep(200)
  }
  const [lock] = await ask<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [lockNumber])
  if (!lock?.taken) throw refusal('Another transfer into this database is under way', 'wait for it')
}

/** What holds a part of the data has the schema already, and lets nobody migrate it. */
async function prepare(ask: Ask, { names, migrate }: Preparation): Promise<void> {
  const tables = await tablesOf(ask)
  if (await isPart(ask)) return
  const isOurs = await hasRecords(ask)
  const strange = tables.filter(({ name }) => !isOurs || !names.includes(name))
  if (strange.length > 0)
    throw refusal(
      `The database has other tables already: ${strange.map(({ name }) => name).join(', ')}`,
      'name an empty one in DATABASE_URL (createdb)',
    )
  // What is in use is not migrated by the way.
  if ((await filledAmong(ask, tables)).length === 0) await migrate()
}

const hasRecords = async (ask: Ask): Promise<boolean> =>
  (await ask(`select 1 where to_regclass('kysely_migration') is not null`)).length > 0

const isPart = async (ask: Ask): Promise<boolean> =>
  (await hasRecords(ask)) && (await interrupted(ask)) !== undefined

/** What stands for the transfer that was not finished. */
async function interrupted(ask: Ask): Promise<string | undefined> {
  const rows = await ask<{ name: string }>('select name from kysely_migration where name like $1', [
    `${unfinished}%`,
  ])
  return rows[0]?.name
}

async function tablesOf(ask: Ask): Promise<TableShape[]> {
  const rows = await ask<{ table: string; column: string; type: string }>(`
    select table_name as "table", column_name as "column", data_type as type from information_schema.columns
    where table_schema = current_schema() order by table_name, column_name collate "C"`)
  const names = [...new Set(rows.map(({ table }) => table))].filter(isMoved)
  return names.map((name) => ({
    name,
    columns: rows
      .filter(({ table }) => table === name)
      .map(({ column, type }) => ({ name: column, type: type as ColumnType })),
    key: [],
  }))
}

async function begin(ask: Ask, tables: TableShape[], installation: string, restart: boolean): Promise<void> {
  const found = await interrupted(ask)
  if (found && restart) await ask(`truncate ${tables.map(({ name }) => name).join(', ')}, transfer_bookmarks`)
  if (found === unfinished + installation) return
  if (found && !restart)
    throw refusal(
      'The database holds a part of the data of another file, whose transfer was interrupted',
      'go on with that file, or begin anew with this one: parley migrate-data --restart',
    )
  await requireEmpty(ask, tables)
  await ask('begin')
  await ask(`delete from leases where ${movedRows('leases')}`)
  await ask(
    'create table if not exists transfer_bookmarks (name text primary key, after text not null, rows bigint not null)',
  )
  await ask('delete from kysely_migration where name like $1', [`${unfinished}%`])
  await ask('insert into kysely_migration (name, timestamp) values ($1, $2)', [
    unfinished + installation,
    new Date().toISOString(),
  ])
  await ask('commit')
}

/** Leases are what a server writes by itself as soon as it runs: nobody's data. */
async function filledAmong(ask: Ask, tables: TableShape[]): Promise<string[]> {
  const filled: string[] = []
  for (const { name } of tables)
    if (name !== 'leases' && (await ask(`select 1 from ${name} limit 1`)).length > 0) filled.push(name)
  return filled
}

async function requireEmpty(ask: Ask, tables: TableShape[]): Promise<void> {
  const filled = await filledAmong(ask, tables)
  if (filled.length > 0)
    throw refusal(
      `The database is not empty: there are rows in ${filled.join(', ')}`,
      'if the file was moved here and the bot has run on this database since, not on the file: put the file away, and start; else name an empty database in DATABASE_URL (createdb)',
    )
}

async function bookmarkOf(ask: Ask, { name }: TableShape): Promise<Bookmark> {
  const [row] = await ask<{ after: string; rows: string }>(
    'select after, rows from transfer_bookmarks where name = $1',
    [name],
  )
  return row
    ? { after: JSON.parse(row.after) as TransferRow, rows: Number(row.rows) }
    : { after: undefined, rows: 0 }
}

async function append(
  ask: Ask,
  { name, columns }: TableShape,
  rows: readonly TransferRow[],
  { after, rows: count }: Bookmark,
): Promise<void> {
  const names = columns.map((column) => column.name)
  const types = Object.fromEntries(columns.map((column) => [column.name, column.type]))
  const objects = rows.map((row) => Object.fromEntries(names.map((column, index) => [column, row[index]])))
  const text = `insert into ${name} (${names.join(', ')}) select ${names.join(', ')} from ${postgresSyntax.rows('rows', types)}`
  await ask('begin')
  try {
    await ask(text.replace(':rows', '$1'), [JSON.stringify(objects)])
    await ask(
      `insert into transfer_bookmarks (name, after, rows) values ($1, $2, $3)
        on conflict (name) do update set after = excluded.after, rows = excluded.rows`,
      [name, JSON.stringify(after), count],
    )
    await ask('commit')
  } catch (error) {
    await ask('rollback').catch(() => undefined)
    throw error
  }
}

async function* scan(ask: Ask, { name, columns }: TableShape): AsyncGenerator<TransferRow[]> {
  const values = columns.map((column) => column.name)
  await ask('begin')
  try {
    await ask(
      `declare moved no scroll cursor for select json_build_array(${values.join(', ')}) as row from ${name} where ${movedRows(name)}`,
    )
    for (;;) {
      const rows = await ask<{ row: TransferRow }>(`fetch ${rowsAtATime} from moved`)
      if (rows.length === 0) return
      yield rows.map(({ row }) => row)
    }
  } finally {
    await ask('rollback')
  }
}

/** Numbers that the database gives by itself go on after those moved; then the data is whole. */
async function finish(ask: Ask, tables: TableShape[], digest: string): Promise<void> {
  await ask('begin')
  for (const { name, columns } of tables)
    for (const column of columns) await goOnAfter(ask, name, column.name)
  await ask('insert into leases (name, holder, until) values ($1, $2, $3)', [
    movedMark + digest,
    String(Date.now()),
    Number.MAX_SAFE_INTEGER,
  ])
  await ask('drop table transfer_bookmarks')
  await ask('delete from kysely_migration where name like $1', [`${unfinished}%`])
  await ask('set local synchronous_commit = on')
  await ask('commit')
  await ask('analyze')
}

async function goOnAfter(ask: Ask, table: string, column: string): Promise<void> {
  const [found] = await ask<{ sequence: string | null }>(
    'select pg_get_serial_sequence($1, $2) as sequence',
    [table, column],
  )
  if (found?.sequence)
    await ask(`select setval($1, (select coalesce(max(${column}), 0) + 1 from ${table}), false)`, [
      found.sequence,
    ])
}
