import { createBudgetReader, createBudgetWriter } from './budget.ts'
import { isDatabaseAway } from '../model/errors.ts'
import { createConversationReader, createConversationWriter } from './conversations.ts'
import { type Database, type Session, statement, type WriteOptions } from './dialect/dialect.ts'
import { isLasting } from './dialect/refusal.ts'
import { createHandoffReader, createHandoffWriter } from './handoffs.ts'
import { createInboxWriter } from './inbox.ts'
import { createLeaseReader, createLeaseWriter } from './leases.ts'
import { createLimitReader, createLimitWriter } from './limits.ts'
import { createMessageReader } from './messages.ts'
import { type Applied, recordsText, recordsWithChangesText, requireUsable } from './applied.ts'
import { createMigrator, type Migrations } from './migrate.ts'
import { type MigrationList, migrations } from './migrations/index.ts'
import { createAccountReader, createAccountWriter } from './accounts.ts'
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

/** How often a migration is tried that a running server pushed aside; each time shows only after a second. */
const migrationTries = 10

/** Without a lasting refusal for so long a database that takes a write is well, in milliseconds. */
const calmMs = 2000

/** Opens the store. The schema is not looked at: see `migrate` and `Store.check`. `list`: the migrations this version knows. */
export async function openStore(
  options: DatabaseOptions,
  needs: StoreNeeds,
  list: MigrationList = migrations,
): Promise<Store> {
  const database = await openDatabase(options, needs)
  const read = createReader(database.reader)
  const known = Object.keys(list)
  const tableExists = options.kind === 'sqlite' ? sqliteTable : postgresTable
  const exists = async (name: string): Promise<boolean> =>
    (await database.reader.all(tableExists, { name })).length > 0
  const applied = (): Promise<Applied[]> => readApplied(database.reader, exists, known)
  const schemaAhead = async (): Promise<string[]> => requireUsable(await applied(), known)
  /**
   * The latest refusal of a transaction: over when a write is taken. A full disk goes on reading, and takes what finds room in
   * a file that is there already: that it is over shows only after a while (`until`) in which none was refused for it.
   */
  let refusal: { error: unknown; until: number } | undefined

  async function write<T>(work: (tx: Writer) => Promise<T>, options?: WriteOptions): Promise<T> {
    const began = performance.now()
    try {
      return await database.transaction((session) => work(createWriter(session)), options)
    } catch (error) {
      if (isDatabaseAway(error))
        refusal = { error, until: isLasting(error) ? performance.now() + calmMs : (refusal?.until ?? 0) }
      throw error
    } finally {
      needs.onTransaction?.(performance.now() - began)
    }
  }

  return {
    read,
    write,
    async check() {
      await schemaAhead()
      if (!refusal) return
      await write((tx) => tx.leases.hold('check', 'check', 0, 0))
      // Another check may have found the end of it meanwhile.
      const latest: typeof refusal = refusal
      if (latest && performance.now() < latest.until) throw latest.error
      refusal = undefined
    },
    schemaAhead,
    gatherMs: database.gatherMs,
    async begunAt() {
      const [first] = await applied()
      return first && Date.parse(first.at)
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

const sqliteTable = statement<{ name: string }, object>(
  () => 'select 1 from sqlite_master where name = :name',
)
const postgresTable = statement<{ name: string }, object>(
  () => 'select 1 where to_regclass(:name) is not null',
)
const records = statement<Record<string, never>, Applied>(() => recordsText)
const recordsWithChanges = statement<Record<string, never>, Applied>(() => recordsWithChangesText)

/** What changes mean is asked only when there is something unknown: probes ask often. */
async function readApplied(
  session: Session,
  exists: (table: string) => Promise<boolean>,
  known: readonly string[],
): Promise<Applied[]> {
  if (!(await exists('kysely_migration'))) return []
  const applied = await session.all(records, {})
  const isKnown = applied.every(({ name }) => known.includes(name))
  return isKnown || !(await exists('schema_changes')) ? applied : session.all(recordsWithChanges, {})
}

function createReader(session: Session): Reader {
  return {
    conversations: createConversationReader(session),
    messages: createMessageReader(session),
    turns: createTurnReader(session),
    outbox: createOutboxReader(session),
    deadLetters: createDeadLetterReader(session),
    accounts: createAccountReader(session),
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
    accounts: createAccountWriter(session),
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
export async function createMigrations(
  options: DatabaseOptions,
  list: MigrationList = migrations,
): Promise<Migrations> {
  const { Kysely } = await import('kysely')
  if (options.kind === 'sqlite') {
    const [{ createMigrationDialect }, { connect }] = await Promise.all([
      import('./dialect/sqlite/migration-dialect.ts'),
      import('./dialect/sqlite/database.ts'),
    ])
    return createMigrator(new Kysely({ dialect: createMigrationDialect(connect(options.path)) }), list)
  }
  const [{ PostgresDialect }, { createPool, repeatedly }] = await Promise.all([
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
  // Turns go on meanwhile, and lock the same tables in an order of their own.
  return createMigrator(new Kysely({ dialect: new PostgresDialect({ pool }) }), list, (work) =>
    repeatedly(work, migrationTries),
  )
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
  const missing = await createMigrations(options)
  try {
    return await missing.up()
  } finally {
    await missing.close()
  }
}
