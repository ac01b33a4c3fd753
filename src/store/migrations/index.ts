import type { Migration } from 'kysely/migration'
import * as conversations from './0001_conversations.ts'
import * as handoffNotes from './0002_handoff_notes.ts'
import * as offeredButtons from './0003_offered_buttons.ts'
import * as budget from './0004_budget.ts'
import * as limits from './0005_limits.ts'
import * as retention from './0006_retention.ts'
import * as schemaChanges from './0007_schema_changes.ts'

/**
 * `expands`: whatever version worked on the schema before works on this one as well, so that a new version can be taken back.
 * What it adds may be left empty by those who do not know it: new tables, columns that are null or have a default, indexes
 * that refuse nothing. `contracts`: anything else; versions before do not start on it.
 */
export type Change = 'expands' | 'contracts'

export interface SchemaMigration extends Migration {
  change: Change
}

export type MigrationList = Readonly<Record<string, SchemaMigration>>

/** From this one on the database knows the change of each. */
export const firstRecorded = '0007_schema_changes'

/** Every migration in order. A new one is a new file and a new line; a released one never changes. */
export const migrations: MigrationList = {
  '0001_conversations': conversations,
  '0002_handoff_notes': handoffNotes,
  '0003_offered_buttons': offeredButtons,
  '0004_budget': budget,
  '0005_limits': limits,
  '0006_retention': retention,
  [firstRecorded]: schemaChanges,
}
