import type BetterSqlite3 from 'better-sqlite3'
import { type Dialect, SqliteAdapter, SqliteDialect } from 'kysely'
import { databaseError } from './errors.ts'

/** Kysely's own says no; SQLite does take definitions in a transaction (https://sqlite.org/lang_transaction.html). */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/**
 * For migrations: each run is one transaction, which takes the write lock at its beginning, so that a killed migration
 * leaves nothing behind and two migrating processes do not meet.
 */
export function createMigrationDialect(db: BetterSqlite3.Database): Dialect {
  const prepare = (sql: string) => {
    try {
      return db.prepare(sql === 'begin' ? 'begin immediate' : sql)
    } catch (error) {
      throw databaseError(error)
    }
  }
  const dialect = new SqliteDialect({ database: { prepare, close: () => void db.close() } })
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => dialect.createDriver(),
    createIntrospector: (kysely) => dialect.createIntrospector(kysely),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  }
}
