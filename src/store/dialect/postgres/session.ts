import type { QueryConfig, QueryResult } from 'pg'
import {
  compile,
  type Insertion,
  type Rows,
  type Session,
  statement,
  type Statement,
  type StatementText,
  type Value,
} from '../dialect.ts'
import { postgresSyntax } from './syntax.ts'

/** What we need of a `pg` client or pool. */
export interface Queryable {
  query(config: QueryConfig): Promise<QueryResult>
  /** Within a transaction: sends what returns no rows without waiting for it. */
  send?(config: QueryConfig): void
}

interface Prepared {
  /** Named statements are parsed and planned once per connection. */
  name: string
  text: string
  names: string[]
  isSilent: boolean
}

/** A change that tells nothing of the rows it changed. */
const silent = /^\s*(insert|update|delete)\b(?![\s\S]*\breturning\b)/i
const cache = new Map<StatementText, Prepared>()

function prepare(statement: StatementText): Prepared {
  const known = cache.get(statement)
  if (known) return known
  const { text, names } = compile(statement, postgresSyntax, 'numbered')
  const prepared = { name: `s${cache.size + 1}`, text, names, isSilent: silent.test(text) }
  cache.set(statement, prepared)
  return prepared
}

const insertions = new Map<object, Statement<{ rows: Rows }, never>>()

function insertionOf(into: Insertion<string>): Statement<{ rows: Rows }, never> {
  const known = insertions.get(into)
  if (known) return known
  const constants = into.constants ?? {}
  const columns = Object.keys(into.columns)
  const names = [...columns, ...Object.keys(constants)].join(', ')
  const values = [...columns, ...Object.values(constants)].join(', ')
  const made = statement<{ rows: Rows }, never>(
    ({ rows }) => `insert into ${into.table} (${names}) select ${values} from ${rows('rows', into.columns)}`,
  )
  insertions.set(into, made)
  return made
}

/** Runs statements on a client (within its transaction) or a pool (each on its own). */
export function createPostgresSession(client: Queryable): Session {
  async function all<P extends Record<string, Value | Rows>, R>(
    wanted: Statement<P, R>,
    params: P,
  ): Promise<R[]> {
    const { query, isSilent } = queryOf(wanted, params)
    if (isSilent && client.send) {
      client.send(query)
      return []
    }
    return (await client.query(query)).rows
  }

  return {
    all,
    each: all,
    async lock(wanted, params) {
      const { query } = queryOf(wanted, params)
      if (client.send) client.send(query)
      else await client.query(query)
    },
    async insert(into, rows) {
      await all(insertionOf(into), { rows })
    },
  }
}

function queryOf(
  wanted: StatementText,
  params: Record<string, Value | Rows>,
): { query: QueryConfig; isSilent: boolean } {
  const { name, text, names, isSilent } = prepare(wanted)
  return { query: { name, text, values: names.map((key) => valueOf(params[key])) }, isSilent }
}

const valueOf = (value: Value | Rows | undefined): Value =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? null)
