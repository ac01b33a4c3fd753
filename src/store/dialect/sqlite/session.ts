import type BetterSqlite3 from 'better-sqlite3'
import {
  compile,
  type Insertion,
  onConflict,
  type Session,
  type Statement,
  type StatementText,
  type Value,
} from '../dialect.ts'
import { databaseError } from './errors.ts'
import { sqliteSyntax } from './syntax.ts'

interface Prepared {
  run: BetterSqlite3.Statement<Value[]>
  names: string[]
}

/** Runs statements on one connection, each prepared once. */
export function createSqliteSession(db: BetterSqlite3.Database): Session {
  const cache = new Map<StatementText, Prepared>()

  function prepare(statement: StatementText): Prepared {
    const known = cache.get(statement)
    if (known) return known
    const { text, names } = compile(statement, sqliteSyntax, 'anonymous')
    const prepared = { run: db.prepare<Value[]>(text), names }
    cache.set(statement, prepared)
    return prepared
  }

  const insertions = new Map<object, BetterSqlite3.Statement<Value[]>>()

  function prepareInsertion(into: Insertion<string>): BetterSqlite3.Statement<Value[]> {
    const known = insertions.get(into)
    if (known) return known
    const columns = Object.keys(into.columns)
    const run = db.prepare<Value[]>(
      `insert into ${into.table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})
      ${onConflict(into)}`,
    )
    insertions.set(into, run)
    return run
  }

  return {
    // Row by row: taking columns out of JSON costs SQLite more than twice the insert itself.
    async insert(into, rows) {
      const run = prepareInsertion(into)
      const columns = Object.keys(into.columns) as (keyof typeof into.columns)[]
      try {
        for (const row of rows) run.run(...columns.map((column) => row[column]))
      } catch (error) {
        throw databaseError(error)
      }
    },
    async all<P extends Record<string, Value>, R>(statement: Statement<P, R>, params: P): Promise<R[]> {
      const { run, names } = prepare(statement)
      const values = names.map((name) => params[name] ?? null)
      try {
        if (run.reader) return run.all(...values) as R[]
        run.run(...values)
        return []
      } catch (error) {
        throw databaseError(error)
      }
    },
  }
}
