import { type Kysely, sql } from 'kysely'

export const change = 'expands'

/** Requests for a human know who asked, and how often and when the team was told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('handoffs').addColumn('contact_id', 'text').execute()
  await db.schema
    .alterTable('handoffs')
    .addColumn('notes', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await db.schema.alterTable('handoffs').addColumn('noted_at', 'bigint').execute()
  // Until now each was told once, when it was made; who asked in a group was not kept.
  await sql
    .raw(
      `update handoffs set notes = 1, noted_at = created_at, contact_id = (
        select conversations.contact_id from conversations where conversations.id = handoffs.conversation_id)`,
    )
    .execute(db)
  await sql
    .raw(`create index handoffs_contact on handoffs (contact_id, created_at) where status = 'open'`)
    .execute(db)
  await db.schema.createIndex('handoffs_noted').on('handoffs').column('noted_at').execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const index of ['handoffs_noted', 'handoffs_contact']) await db.schema.dropIndex(index).execute()
  for (const column of ['noted_at', 'notes', 'contact_id'])
    await db.schema.alterTable('handoffs').dropColumn(column).execute()
}
