import type { Kysely } from 'kysely'
import { ParleyError } from '../model/errors.ts'
import { type Session, statement } from './dialect/dialect.ts'

export interface MigrationStatus {
  name: string
  /** Milliseconds since the epoch, or `undefined` when it is not applied. */
  appliedAt: number | undefined
}

export interface Migrations {
  /** Every migration this version knows, in order. Throws `SCHEMA_UNKNOWN` when the database has others. */
  status(): Promise<MigrationStatus[]>
  /** Applies what is missing, each in a transaction; returns the names applied. */
  up(): Promise<string[]>
  /** Takes back the last `steps` migrations, data and all; returns their names. */
  down(steps: number | 'all'): Promise<string[]>
  close(): Promise<void>
}

const applied = statement<Record<string, never>, { name: string }>(
  () => 'select name from kysely_migration order by name',
)

/** Names of the migrations in the database; none when it is empty. */
export async function appliedMigrations(session: Session, exists: () => Promise<boolean>): Promise<string[]> {
  if (!(await exists())) return []
  return (await session.all(applied, {})).map((row) => row.name)
}

/** Throws unless the database has exactly the migrations this version knows. */
export function requireKnownSchema(inDatabase: string[], known: string[]): void {
  const unknown = inDatabase.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new ParleyError(
      'SCHEMA_UNKNOWN',
      `The database has migrations this version does not know (${unknown.join(', ')}). Start the version that wrote it, or a newer one.`,
    )
  }
  const missing = known.filter((name) => !inDatabase.includes(name))
  if (missing.length > 0) {
    throw new ParleyError(
      'SCHEMA_BEHIND',
      `The database lacks migrations (${missing.join(', ')}). Run: parley migrate up`,
    )
  }
}

/** Kysely's migrator over our list; it locks, so that two processes starting at once migrate once. */
export async function createMigrator(db: Kysely<unknown>): Promise<Migrations> {
  const { Migrator, NO_MIGRATIONS } = await import('kysely/migration')
  const { migrations } = await import('./migrations/index.ts')
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })

  async function run(work: ReturnType<typeof migrator.migrateUp>): Promise<string[]> {
    const { error, results } = await work
    if (error) throw asUnknownSchema(error)
    return (results ?? []).map((result) => result.migrationName)
  }

  return {
    async status() {
      const list = await migrator.getMigrations()
      return list.map(({ name, executedAt }) => ({ name, appliedAt: executedAt?.getTime() }))
    },
    up: () => run(migrator.migrateToLatest()),
    async down(steps) {
      if (steps === 'all') return run(migrator.migrateTo(NO_MIGRATIONS))
      const names: string[] = []
      for (let step = 0; step < steps; step += 1) names.push(...(await run(migrator.migrateDown())))
      return names
    },
    close: () => db.destroy(),
  }
}

function asUnknownSchema(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes('corrupted migrations')) return error
  return new ParleyError('SCHEMA_UNKNOWN', undefined, { cause: error })
}
