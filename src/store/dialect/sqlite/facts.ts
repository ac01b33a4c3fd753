import BetterSqlite3 from 'better-sqlite3'
import type { DatabaseFacts } from '../../copy-contract.ts'
import { installationOf } from '../../copy-facts.ts'

/** Pages, rows and indexes, and that nothing refers to what is not there; empty where all is well. */
export function readIntegrity(path: string): string {
  return reading(path, (db) => {
    const found = db.pragma('integrity_check(5)', { simple: true })
    const [orphan] = db.pragma('foreign_key_check') as { table: string }[]
    if (found !== 'ok') return String(found)
    return orphan ? `rows of ${orphan.table} refer to what is not there` : ''
  })
}

export function readFacts(path: string): DatabaseFacts {
  return reading(path, (db) => {
    const names = db
      .prepare(
        `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`,
      )
      .pluck()
      .all() as string[]
    const tables = names.map((name) => [name, db.prepare(`select count(*) from "${name}"`).pluck().get()])
    const migrations = names.includes('kysely_migration')
      ? (db.prepare('select name, timestamp as at from kysely_migration order by name').all() as {
          name: string
          at: string
        }[])
      : []
    return {
      installation: installationOf(migrations[0]?.at ?? ''),
      migrations: migrations.map(({ name }) => name),
      tables: Object.fromEntries(tables) as Record<string, number>,
    }
  })
}

function reading<T>(path: string, work: (db: BetterSqlite3.Database) => T): T {
  const db = new BetterSqlite3(path, { fileMustExist: true })
  try {
    return work(db)
  } finally {
    db.close()
  }
}
