import BetterSqlite3 from 'better-sqlite3'
import type { DatabaseFacts } from '../../copy-contract.ts'
import { type Applied, recordsIn } from '../../applied.ts'
import { factsOf, installationOf, markIn } from '../../copy-facts.ts'

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
    const names = namesIn(db)
    const tables = names.map((name) => [name, db.prepare(`select count(*) from "${name}"`).pluck().get()])
    return factsOf(
      appliedIn(db, names),
      markOf(db, names),
      Object.fromEntries(tables) as Record<string, number>,
    )
  })
}

/** Which database it is; `undefined`: none of ours. */
export const readInstallation = (path: string): string | undefined =>
  reading(path, (db) => {
    const names = namesIn(db)
    const applied = appliedIn(db, names)
    return applied.length === 0 ? undefined : installationOf(applied, markOf(db, names))
  })

/** The latest turn from the one with that id on. */
export const readTurnSince = (path: string, id: string): string | undefined =>
  reading(path, (db) => db.prepare<[string], string>(turnSince).pluck().get(id))

const turnSince = 'select id from turns where id >= ? order by id desc limit 1'

export const namesIn = (db: BetterSqlite3.Database): string[] =>
  db
    .prepare<[], string>(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`,
    )
    .pluck()
    .all()

export function appliedIn(db: BetterSqlite3.Database, names: readonly string[]): Applied[] {
  const records = recordsIn(names)
  return records === undefined ? [] : db.prepare<[], Applied>(records).all()
}

/** Of the restore it comes from. */
export function markOf(db: BetterSqlite3.Database, names: readonly string[]): string | undefined {
  const mark = markIn(names)
  return mark === undefined ? undefined : db.prepare<[], string>(mark).pluck().get()
}

function reading<T>(path: string, work: (db: BetterSqlite3.Database) => T): T {
  const db = new BetterSqlite3(path, { fileMustExist: true })
  try {
    return work(db)
  } finally {
    db.close()
  }
}
