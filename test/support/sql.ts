import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'
import type { DatabaseOptions } from '../../src/store/open.ts'

/** Asks a database without the store in between. */
export async function query<R>(options: DatabaseOptions, sql: string): Promise<R[]> {
  if (options.kind === 'sqlite') {
    const db = new BetterSqlite3(options.path)
    try {
      const statement = db.prepare<[], R>(sql)
      return statement.reader ? statement.all() : (statement.run(), [])
    } finally {
      db.close()
    }
  }
  const client = new pg.Client({ connectionString: options.url })
  await client.connect()
  try {
    return (await client.query(sql)).rows as R[]
  } finally {
    await client.end()
  }
}

/** Runs statements, several where they are separated by semicolons. */
export async function execute(options: DatabaseOptions, sql: string): Promise<void> {
  if (options.kind === 'postgres') {
    await query(options, sql)
    return
  }
  const db = new BetterSqlite3(options.path)
  db.exec(sql)
  db.close()
}
