import type { Kysely } from 'kysely'

export const change = 'expands'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('budget_days')
    .addColumn('day', 'text', (c) => c.primaryKey())
    .addColumn('spent', 'bigint', (c) => c.notNull())
    .addColumn('reserved', 'bigint', (c) => c.notNull())
    .addColumn('calls', 'bigint', (c) => c.notNull())
    .addColumn('input_tokens', 'bigint', (c) => c.notNull())
    .addColumn('output_tokens', 'bigint', (c) => c.notNull())
    .addColumn('warned_limit', 'bigint', (c) => c.notNull())
    .addColumn('exhausted_limit', 'bigint', (c) => c.notNull())
    .execute()

  await db.schema
    .createTable('reservations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('amount', 'bigint', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('holder', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('reservations').execute()
  await db.schema.dropTable('budget_days').execute()
}
