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

/** Both read the same of any version's database, so these texts never change. */
export const recordsText = 'select name, timestamp as at, null as change from kysely_migration order by name'
export const recordsWithChangesText = `
  select kysely_migration.name, kysely_migration.timestamp as at, schema_changes.change from kysely_migration
  left join schema_changes on schema_changes.name = kysely_migration.name order by kysely_migration.name`

/**
 * The migrations of newer versions in the database, all of which let this one go on. Throws where one does not, and unless the
 * database has all that this version knows.
 */
export function requireUsable(applied: readonly Applied[], known: readonly string[]): string[] {
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
