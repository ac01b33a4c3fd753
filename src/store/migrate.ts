import { type Kysely, sql } from 'kysely'
import { diagnosed, ParleyError } from '../model/errors.ts'
import { type Applied, recordsIn, requireUsable } from './applied.ts'
import { type Change, firstRecorded, type MigrationList, type SchemaMigration } from './migrations/index.ts'

export interface MigrationStatus {
  name: string
  /** Milliseconds since the epoch, or `undefined` when it is not applied. */
  appliedAt: number | undefined
  /** Of a migration this version does not know: whether it lets this one go on. */
  ahead?: Change
}

export interface Migrations {
  /** Every migration this version knows, and those of newer versions in the database, in order. */
  status(): Promise<MigrationStatus[]>
  /**
   * Applies what is missing, each in a transaction; returns the names applied. `expanding`: ends before the first that contracts,
   * so that the version before goes on beside it. Throws `SCHEMA_UNKNOWN` when the database has migrations of a newer version that
   * do not let this one go on.
   */
  up(options?: { expanding?: boolean }): Promise<string[]>
  /** Takes back the last `steps` migrations, data and all; returns their names. Throws when a newer version applied others. */
  down(steps: number | 'all'): Promise<string[]>
  close(): Promise<void>
}

/** Tries again what left nothing behind, because others were in its way. */
export type Insist = <T>(work: () => Promise<T>) => Promise<T>

/** Kysely's migrator over a list; it locks, so that two processes starting at once migrate once. */
export async function createMigrator(
  db: Kysely<unknown>,
  list: MigrationList,
  insist: Insist = (work) => work(),
): Promise<Migrations> {
  const { Migrator, NO_MIGRATIONS } = await import('kysely/migration')
  const migratorOf = (part: MigrationList) =>
    new Migrator({ db, provider: { getMigrations: async () => recorded(part) } })
  const migrator = migratorOf(list)

  const run = (work: () => ReturnType<typeof migrator.migrateUp>): Promise<string[]> =>
    insist(async () => {
      const { error, results } = await work()
      if (error) throw asUnknownSchema(error)
      return (results ?? []).map((result) => result.migrationName)
    })

  return {
    status: async () => statusOf(await readApplied(db), Object.keys(list)),
    async up({ expanding = false } = {}) {
      const known = Object.keys(list)
      const applied = await readApplied(db)
      if (applied.length === 0) await requireOurs(db)
      const isAhead = applied.some(({ name }) => !known.includes(name))
      // Kysely refuses names it does not know; ours tells which of them do no harm.
      if (isAhead && requireUsable(applied, known)) return []
      const wanted = expanding ? migratorOf(untilContracting(list, applied)) : migrator
      return run(() => wanted.migrateToLatest())
    },
    async down(steps) {
      if (steps === 'all') return run(() => migrator.migrateTo(NO_MIGRATIONS))
      const names: string[] = []
      for (let step = 0; step < steps; step += 1) names.push(...(await run(() => migrator.migrateDown())))
      return names
    },
    close: () => db.destroy(),
  }
}

function untilContracting(list: MigrationList, applied: readonly Applied[]): MigrationList {
  const all = Object.entries(list)
  const first = all.findIndex(
    ([name, { change }]) => change === 'contracts' && !applied.some((one) => one.name === name),
  )
  return first < 0 ? list : Object.fromEntries(all.slice(0, first))
}

/** Each migration writes its change beside its record, in the same transaction. */
function recorded(list: MigrationList): Record<string, SchemaMigration> {
  const entries = Object.entries(list).map(([name, migration]): [string, SchemaMigration] => [
    name,
    name < firstRecorded ? migration : recording(name, migration),
  ])
  return Object.fromEntries(entries)
}

function recording(name: string, { change, up, down }: SchemaMigration): SchemaMigration {
  return {
    change,
    async up(db) {
      await up(db)
      await sql`insert into schema_changes (name, change) values (${name}, ${change})`.execute(db)
    },
    async down(db) {
      await sql`delete from schema_changes where name = ${name}`.execute(db)
      await down?.(db)
    },
  }
}

async function readApplied(db: Kysely<unknown>): Promise<Applied[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  const text = recordsIn(tables.map(({ name }) => name))
  return text === undefined ? [] : (await sql.raw<Applied>(text).execute(db)).rows
}

/** Throws before anything is written where an embedded database holds what another program keeps; a server may be shared. */
async function requireOurs(db: Kysely<unknown>): Promise<void> {
  const tables = (await db.introspection.getTables()).filter(({ schema }) => schema === undefined)
  if (tables.length === 0) return
  const names = tables.map(({ name }) => name).join(', ')
  const found = `The database file is that of another program, which keeps ${names} in it`
  throw diagnosed('SCHEMA_UNKNOWN', found, 'set DATABASE_PATH to a file of its own')
}

function statusOf(applied: Applied[], known: string[]): MigrationStatus[] {
  const atOf = (name: string): number | undefined => {
    const found = applied.find((one) => one.name === name)
    return found && Date.parse(found.at)
  }
  return [
    ...known.map((name) => ({ name, appliedAt: atOf(name) })),
    ...applied
      .filter(({ name }) => !known.includes(name))
      .map(({ name, change }) => ({ name, appliedAt: atOf(name), ahead: change ?? ('contracts' as const) })),
  ]
}

function asUnknownSchema(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes('corrupted migrations')) return error
  return new ParleyError('SCHEMA_UNKNOWN', undefined, { cause: error })
}
