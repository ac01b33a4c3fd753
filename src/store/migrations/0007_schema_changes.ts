import { type Kysely, sql } from 'kysely'

export const change = 'expands'

/** The migrations before this one; those after it are recorded as they are applied. */
const before = [
  '0001_conversations',
  '0002_handoff_notes',
  '0003_offered_buttons',
  '0004_budget',
  '0005_limits',
  '0006_retention',
]

/** Beside the record of each migration: whether versions that do not know it may go on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('schema_changes')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('change', 'text', (c) => c.notNull())
    .execute()
  for (const name of before)
    await sql`insert into schema_changes (name, change) values (${name}, 'expands')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('schema_changes').execute()
}
