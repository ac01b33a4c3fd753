import { createBudgetReader, createBudgetWriter } from './budget.ts'
import { isDatabaseAway } from '../model/errors.ts'
import { createConversationReader, createConversationWriter } from './conversations.ts'
import { type Database, type Session, statement } from './dialect/dialect.ts'
import { createHandoffReader, createHandoffWriter } from './handoffs.ts'
import { createInboxWriter } from './inbox.ts'
import { createLeaseReader, createLeaseWriter } from './leases.ts'
import { createLimitReader, createLimitWriter } from './limits.ts'
import { createMessageReader } from './messages.ts'
import { appliedMigrations, createMigrator, type Migrations, requireKnownSchema } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { createDeadLetterReader, createDeadLetterWriter } from './dead-letters.ts'
import { createOutboxReader, createOutboxWriter } from './outbox.ts'
import { createRetentionReader, createRetentionWriter } from './retention.ts'
import type { Reader, Store, Writer } from './store.ts'
import { createTurnReader, createTurnWriter } from './turns.ts'

export type DatabaseOptions =
  | { kind: 'sqlite'; path: string }
  | { kind: 'postgres'; url: string; poolMin: number; poolMax: number }

export interface StoreNeeds {
  /** Told how long each transaction took, its wait for others included, in milliseconds. */
  onTransaction?: (ms: number) => void
  /** Told when an idle connection to the database broke. */
  onConnectionError: (error: Error) => void
}

/** Opens the store. The schema is not looked at: see `migrate` and `Store.check`. */
export async function openStore(options: DatabaseOptions, needs: StoreNeeds): Promise<Store> {
  const database = await openDatabase(options, needs)
  const read = createReader(database.reader)
  const tableExists = options.kind === 'sqlite' ? sqliteTable : postgresTable
  const exists = async (): Promise<boolean> => (await database.reader.all(tableExists, {})).length > 0
  /** The last transaction was refused. A full disk refuses writing and goes on reading: only a write tells when it is over. */
  let refused = false

  async function write<T>(work: (tx: Writer) => Promise<T>): Promise<T> {
    const began = performance.now()
    try {
      const result = await database.transaction((session) => work(createWriter(session)))
      refused = false
      return result
    } catch (error) {
      if (isDatabaseAway(error)) refused = true
      throw error
    } finally {
      needs.onTransaction?.(performance.now() - began)
    }
  }

  return {
    read,
    write,
    async check() {
      requireKnownSchema(await appliedMigrations(database.reader, exists), Object.keys(migrations))
      if (refused) await write((tx) => tx.leases.hold('check', 'check', 0, 0))
    },
    poolUsage: () => database.usage(),
    close: () => database.close(),
  }
}

/** Loads only the driver that is used. */
async function openDatabase(options: DatabaseOptions, needs: StoreNeeds): Promise<Database> {
  if (options.kind === 'sqlite') {
    const { openSqlite } = await import('./dialect/sqlite/database.ts')
    return openSqlite(options.path)
  }
  const { openPostgres } = await import('./dialect/postgres/database.ts')
  return openPostgres({ ...options, onError: needs.onConnectionError })
}

const sqliteTable = statement<Record<string, never>, object>(
  () => `select 1 from sqlite_master where name = 'kysely_migration'`,
)
const postgresTable = statement<Record<string, never>, object>(
  () => `select 1 where to_regclass('kysely_migration') is not null`,
)

function createReader(session: Session): Reader {
  return {
    conversations: createConversationReader(session),
    messages: createMessageReader(session),
    turns: createTurnReader(session),
    outbox: createOutboxReader(session),
    deadLetters: createDeadLetterReader(session),
    leases: createLeaseReader(session),
    handoffs: createHandoffReader(session),
    budget: createBudgetReader(session),
    limits: createLimitReader(session),
    retention: createRetentionReader(session),
  }
}

const writers = new WeakMap<Session, Writer>()

function createWriter(session: Session): Writer {
  const known = writers.get(session)
  if (known) return known
  const writer: Writer = {
    messages: createMessageReader(session),
    inbox: createInboxWriter(session),
    turns: createTurnWriter(session),
    outbox: createOutboxWriter(session),
    deadLetters: createDeadLetterWriter(session),
    conversations: createConversationWriter(session),
    handoffs: createHandoffWriter(session),
    limits: createLimitWriter(session),
    leases: createLeaseWriter(session),
    budget: createBudgetWriter(session),
    retention: createRetentionWriter(session),
  }
  writers.set(session, writer)
  return writer
}

/** The migrations of a database, over a connection of their own. */
export async function createMigrations(options: DatabaseOptions): Promise<Migrations> {
  const { Kysely } = await import('kysely')
  if (options.kind === 'sqlite') {
    const [{ createMigrationDialect }, { connect }] = await Promise.all([
      import('./dialect/sqlite/migration-dialect.ts'),
      import('./dialect/sqlite/database.ts'),
    ])
    return createMigrator(new Kysely({ dialect: createMigrationDialect(connect(options.path)) }))
  }
  const [{ PostgresDialect }, { createPool }] = await Promise.all([
    import('kysely'),
    import('./dialect/postgres/database.ts'),
  ])
  const pool = createPool({
    url: options.url,
    poolMin: 0,
    poolMax: 1,
    patient: true,
    onError: () => undefined,
  })
  return createMigrator(new Kysely({ dialect: new PostgresDialect({ pool }) }))
}

/** Brings the schema up to this version; loads the migrator only when something is missing. */
export async function migrate(options: DatabaseOptions, store: Store): Promise<string[]> {
  const behind = await store.check().then(
    () => false,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'SCHEMA_BEHIND') return true
      throw error
    },
  )
  if (!behind) return []
  const migrations = await createMigrations(options)
  try {
    return await migrations.up()
  } finally {
    await migrations.close()
  }
}
