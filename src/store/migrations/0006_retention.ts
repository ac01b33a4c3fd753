import { type Kysely, sql } from 'kysely'

export const change = 'expands'

/** When a contact was last seen, to the week; and finding what was asked of the team in a conversation that goes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('contacts')
    .addColumn('seen_at', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
  // Until now that was not kept: nobody goes too early.
  await sql`update contacts set seen_at = ${Date.now()}`.execute(db)
  await db.schema.createIndex('handoffs_conversation').on('handoffs').column('conversation_id').execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('handoffs_conversation').execute()
  await db.schema.alterTable('contacts').dropColumn('seen_at').execute()
}
