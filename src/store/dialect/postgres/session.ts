import type { QueryConfig, QueryResult } from 'pg'
import { compile, type Session, type Statement, type StatementText, type Value } from '../dialect.ts'
import { postgresSyntax } from './syntax.ts'

/** What we need of a `pg` client or pool. */
interface Queryable {
  query(config: QueryConfig): Promise<QueryResult>
}

interface Prepared {
  /** Named statements are parsed and planned once per connection. */
  name: string
  text: string
  names: string[]
}

const cache = new Map<StatementText, Prepared>()

function prepare(statement: StatementText): Prepared {
  const known = cache.get(statement)
  if (known) return known
  const { text, names } = compile(statement, postgresSyntax, 'numbered')
  const prepared = { name: `s${cache.size + 1}`, text, names }
  cache.set(statement, prepared)
  return prepared
}

/** Runs statements on a client (within its transaction) or a pool (each on its own). */
export function createPostgresSession(client: Queryable): Session {
  return {
    async all<P extends Record<string, Value>, R>(statement: Statement<P, R>, params: P): Promise<R[]> {
      const { name, text, names } = prepare(statement)
      const result = await client.query({ name, text, values: names.map((key) => params[key] ?? null) })
      return result.rows
    },
  }
}
