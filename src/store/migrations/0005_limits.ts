import type { Kysely } from 'kysely'

export const change = 'expands'

/** Times and counts begin at 0: never, none. */
const numbers = [
  'hour_end',
  'hour_count',
  'day_end',
  'day_count',
  'over_until',
  'warned_at',
  'excess',
  'repeats',
  'repeats_since',
  'links',
  'links_since',
  'bans',
  'banned_at',
  'banned_until',
  'told',
  'called_at',
  'session_calls',
  'call_day_end',
  'day_calls',
] as const

export async function up(db: Kysely<unknown>): Promise<void> {
  const table = db.schema
    .createTable('contact_limits')
    .addColumn('contact_id', 'text', (c) => c.primaryKey().references('contacts.id').onDelete('cascade'))
    .addColumn('likeness', 'text', (c) => c.notNull().defaultTo(''))
  await numbers
    .reduce((made, name) => made.addColumn(name, 'bigint', (c) => c.notNull().defaultTo(0)), table)
    .execute()
  await db.schema.alterTable('messages').addColumn('over_limit', 'text').execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('messages').dropColumn('over_limit').execute()
  await db.schema.dropTable('contact_limits').execute()
}
