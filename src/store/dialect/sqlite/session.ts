import type BetterSqlite3 from 'better-sqlite3'
import {
  compile,
  type Insertion,
  type Rows,
  type Session,
  type Statement,
  type StatementText,
  type Value,
} from '../dialect.ts'
import { databaseError } from './errors.ts'
import { forOneRow, sqliteSyntax } from './syntax.ts'

type Run = BetterSqlite3.Statement<Value[]>

/** A statement over the row at hand and over what is the same for every row. */
interface RowRun {
  run: Run
  /** The parameter that holds the rows. */
  table: string
  /** What is bound, in order: a column of the row, or a parameter. */
  bound: { column: string | undefined; name: string }[]
}

/**
 * Runs statements on one connection, each prepared once. Rows are taken one by one: there is no way to a server to be
 * saved, and taking columns out of JSON costs SQLite more than most statements do.
 */
export function createSqliteSession(db: BetterSqlite3.Database): Session {
  const prepared = remembering((statement: StatementText) => {
    const { text, names } = compile(statement, sqliteSyntax, 'anonymous')
    return { run: db.prepare<Value[]>(text), names }
  })
  const rowRuns = remembering((statement: StatementText): RowRun => {
    const { sql, table, columns } = forOneRow(statement.sql)
    const { text, names } = compile({ sql: () => sql }, sqliteSyntax, 'anonymous')
    return { run: db.prepare(text), table, bound: names.map((name) => ({ name, column: columns.get(name) })) }
  })
  const insertions = remembering((into: Insertion<string>): Run => {
    const constants = into.constants ?? {}
    const columns = Object.keys(into.columns)
    const names = [...columns, ...Object.keys(constants)].join(', ')
    const values = [...columns.map(() => '?'), ...Object.values(constants)].join(', ')
    return db.prepare(`insert into ${into.table} (${names}) values (${values})`)
  })

  return {
    async all<P extends Record<string, Value>, R>(statement: Statement<P, R>, params: P): Promise<R[]> {
      const { run, names } = prepared(statement)
      const values = names.map((name) => params[name] ?? null)
      return guarded(() => perform<R>(run, values))
    },
    async each<P extends Record<string, Value | Rows>, R>(
      statement: Statement<P, R>,
      params: P,
    ): Promise<R[]> {
      const { run, table, bound } = rowRuns(statement)
      const valueOf = (row: Rows[number], { column, name }: RowRun['bound'][number]): Value =>
        ((column === undefined ? params[name] : row[column]) ?? null) as Value
      return guarded(() => {
        const found: R[] = []
        for (const row of params[table] as Rows)
          found.push(
            ...perform<R>(
              run,
              bound.map((each) => valueOf(row, each)),
            ),
          )
        return found
      })
    },
    lock: async () => undefined,
    async insert(into, rows) {
      const run = insertions(into)
      const columns = Object.keys(into.columns) as (keyof typeof into.columns)[]
      guarded(() => {
        for (const row of rows) run.run(...columns.map((column) => row[column]))
      })
    },
  }
}

function perform<R>(run: Run, values: Value[]): R[] {
  if (run.reader) return run.all(...values) as R[]
  run.run(...values)
  return []
}

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw databaseError(error)
  }
}

function remembering<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    // A broken or busy database may show already when a statement is prepared.
    const value = guarded(() => make(key))
    made.set(key, value)
    return value
  }
}
