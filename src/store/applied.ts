import { ParleyError } from '../model/errors.ts'
import type { Change } from './migrations/index.ts'

/** A migration as the database records it. */
export interface Applied {
  name: string
  /** ISO 8601. */
  at: string
  /** What it means for versions that do not know it; `null` where that is not written. */
  change: Change | null
}

/**
 * Stands among the migrations, followed by whose data it is, while data is moved into a database: no version knows a migration
 * of this name, so none works on half of the data.
 */
export const unfinished = 'transfer_of_'

export const partOnly = 'The database holds a part of the data only: moving it here was interrupted'

/** Both read the same of any version's database, so these texts never change. */
export const recordsText = 'select name, timestamp as at, null as change from kysely_migration order by name'
export const recordsWithChangesText = `
  select kysely_migration.name, kysely_migration.timestamp as at, schema_changes.change from kysely_migration
  left join schema_changes on schema_changes.name = kysely_migration.name order by kysely_migration.name`

/** How a database with these tables is asked; `undefined`: it is not one of ours. */
export function recordsIn(tables: readonly string[]): string | undefined {
  if (!tables.includes('kysely_migration')) return undefined
  return tables.includes('schema_changes') ? recordsWithChangesText : recordsText
}

/**
 * The migrations of newer versions in the database, all of which let this one go on. Throws where one does not, and unless the
 * database has all that this version knows.
 */
export function requireUsable(applied: readonly Applied[], known: readonly string[]): string[] {
  if (applied.some(({ name }) => name.startsWith(unfinished)))
    throw new ParleyError('SCHEMA_UNKNOWN', `${partOnly}. Run: parley migrate-data`, {
      diagnosis: { found: `${partOnly} (SCHEMA_UNKNOWN)`, next: 'parley migrate-data goes on with it' },
    })
  const missing = known.filter((name) => !applied.some((one) => one.name === name))
  const ahead = applied.filter(({ name }) => !known.includes(name))
  const closed = missing.length > 0 ? ahead : ahead.filter(({ change }) => change !== 'expands')
  if (closed.length > 0) {
    const names = closed.map(({ name }) => name).join(', ')
    throw new ParleyError(
      'SCHEMA_UNKNOWN',
      `The database has migrations this version does not know (${names}), and does not work on. Start the version that wrote it, or a newer one; to stay with this one, restore the backup taken before.`,
    )
  }
  if (missing.length > 0) {
    throw new ParleyError(
      'SCHEMA_BEHIND',
      `The database lacks migrations (${missing.join(', ')}). Run: parley migrate up`,
    )
  }
  return ahead.map(({ name }) => name)
}
