import { type Kysely, sql } from 'kysely'
import { type MigrationList, migrations, type SchemaMigration } from '../../src/store/migrations/index.ts'

/** As a newer version would expand every table that people's messages pass through. */
const expanding: SchemaMigration = {
  change: 'expands',
  async up(db: Kysely<unknown>) {
    for (const table of ['contacts', 'conversations', 'messages', 'turns', 'handoffs', 'contact_limits']) {
      await db.schema.alterTable(table).addColumn('of_later', 'text').execute()
      await db.schema
        .alterTable(table)
        .addColumn('count_of_later', 'bigint', (c) => c.notNull().defaultTo(0))
        .execute()
      await db.schema.createIndex(`${table}_later`).on(table).column('of_later').execute()
    }
    await db.schema
      .createTable('notes_of_later')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('contact_id', 'text', (c) => c.references('contacts.id').onDelete('cascade'))
      .execute()
  },
  async down(db) {
    await db.schema.dropTable('notes_of_later').execute()
    for (const table of ['contacts', 'conversations', 'messages', 'turns', 'handoffs', 'contact_limits']) {
      await db.schema.dropIndex(`${table}_later`).execute()
      for (const column of ['of_later', 'count_of_later'])
        await db.schema.alterTable(table).dropColumn(column).execute()
    }
  },
}

const contracting: SchemaMigration = {
  change: 'contracts',
  up: (db) => sql`alter table contacts rename column name to title`.execute(db).then(() => undefined),
  down: (db) => sql`alter table contacts rename column title to name`.execute(db).then(() => undefined),
}

/** The migrations of a newer version: one more, which expands. */
export const nextSchema: MigrationList = { ...migrations, '9998_expands': expanding }

/** And one after that which contracts. */
export const closedSchema: MigrationList = { ...nextSchema, '9999_contracts': contracting }

/** The migrations of the version before this one. */
export const previousSchema: MigrationList = Object.fromEntries(Object.entries(migrations).slice(0, -1))
