import { type Kysely, SqliteAdapter, sql } from 'kysely'

export const change = 'expands'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('contacts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('platform_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('language', 'text')
    .addColumn('blocked', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('contacts_platform', ['channel', 'platform_id'])
    .execute()

  await db.schema
    .createTable('conversations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('chat_id', 'text', (c) => c.notNull())
    .addColumn('thread_id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('contact_id', 'text', (c) => c.references('contacts.id'))
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('epoch', 'bigint', (c) => c.notNull())
    .addColumn('language', 'text')
    .addColumn('summary', 'text', (c) => c.notNull())
    .addColumn('summary_seq', 'bigint', (c) => c.notNull())
    .addColumn('last_seq', 'bigint', (c) => c.notNull())
    .addColumn('pending_since', 'bigint')
    .addColumn('turn_after', 'bigint', (c) => c.notNull())
    .addColumn('turn_attempts', 'integer', (c) => c.notNull())
    .addColumn('lease_token', 'text')
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .addColumn('lane_token', 'text')
    .addColumn('lane_until', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('conversations_chat', ['channel', 'account', 'chat_id', 'thread_id'])
    .execute()
  await db.schema.createIndex('conversations_contact').on('conversations').column('contact_id').execute()

  const messages = db.schema
    .createTable('messages')
    .addColumn('conversation_id', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('author', 'text', (c) => c.notNull())
    .addColumn('contact_id', 'text')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('buttons', 'text')
    .addColumn('language', 'text')
    .addColumn('platform_id', 'text', (c) => c.notNull())
    .addColumn('update_id', 'text')
    .addColumn('extra', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('turn_id', 'text')
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('plain', 'integer', (c) => c.notNull())
    .addColumn('suspect', 'integer', (c) => c.notNull())
    .addColumn('error', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('settled_at', 'bigint')
    .addPrimaryKeyConstraint('messages_pk', ['conversation_id', 'seq'])
  await (isSqlite(db) ? messages.modifyEnd(clustered) : messages).execute()
  await db.schema
    .createIndex('messages_update')
    .unique()
    .on('messages')
    .columns(['conversation_id', 'update_id'])
    .where('update_id', 'is not', null)
    .execute()
  await partialIndex(db, 'messages_received', "state = 'received'")
  await partialIndex(db, 'messages_lane', "state in ('queued', 'sending')")
  await partialIndex(db, 'messages_dead', "state in ('failed', 'uncertain')")

  await db.schema
    .createTable('turns')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('conversation_id', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('confidence', 'real', (c) => c.notNull())
    .addColumn('trace', 'text', (c) => c.notNull())
    .addColumn('input_tokens', 'bigint', (c) => c.notNull())
    .addColumn('output_tokens', 'bigint', (c) => c.notNull())
    .addColumn('cost_micro_usd', 'bigint', (c) => c.notNull())
    .addColumn('duration_ms', 'integer', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .execute()

  await db.schema
    .createIndex('turns_conversation')
    .on('turns')
    .columns(['conversation_id', 'started_at'])
    .execute()

  await db.schema
    .createTable('handoffs')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('conversation_id', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('summary', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await sql
    .raw(`create index handoffs_open on handoffs (conversation_id, created_at) where status = 'open'`)
    .execute(db)

  await db.schema
    .createTable('leases')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('holder', 'text', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['leases', 'handoffs', 'turns', 'messages', 'conversations', 'contacts']) {
    await db.schema.dropTable(table).execute()
  }
}

/** A conversation's messages lie side by side, in the tree of the primary key (https://sqlite.org/withoutrowid.html). */
const clustered = sql`without rowid`

const isSqlite = (db: Kysely<unknown>): boolean => db.getExecutor().adapter instanceof SqliteAdapter

/** An index over the few messages that still need work, so that finding them never reads the history. */
async function partialIndex(db: Kysely<unknown>, name: string, condition: string): Promise<void> {
  await sql.raw(`create index ${name} on messages (conversation_id, seq) where ${condition}`).execute(db)
}
