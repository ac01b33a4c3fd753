import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'
import type { Running } from '../subjects/running.ts'

/** Bytes of each table with its indexes. */
export type Sizes = Map<string, number>

export const sizesOf = ({ databaseUrl, folder }: Running): Promise<Sizes> =>
  databaseUrl ? postgresSizes(databaseUrl) : Promise.resolve(sqliteSizes(join(folder, 'parley.db')))

/** By the pages of each b-tree (https://sqlite.org/dbstat.html); pages still in the write-ahead log are counted. */
export function sqliteSizes(path: string): Sizes {
  const db = new BetterSqlite3(path, { readonly: true })
  const rows = db
    .prepare<[], { name: string; bytes: number }>(
      `select schema.tbl_name as name, sum(stat.pgsize) as bytes from dbstat as stat
       join sqlite_master as schema on schema.name = stat.name where stat.aggregate = 1 group by schema.tbl_name`,
    )
    .all()
  db.close()
  return new Map(rows.map(({ name, bytes }) => [name, bytes]))
}

async function postgresSizes(url: string): Promise<Sizes> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ name: string; bytes: string }>(
    'select relname as name, pg_total_relation_size(relid) as bytes from pg_stat_user_tables',
  )
  await client.end()
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]))
}
