import { type Kysely, sql } from 'kysely'

export const change = 'expands'

/** Finds the buttons a pressed message offered, by the platform's id of it; messages without buttons are not in it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create index messages_offers on messages (conversation_id, platform_id)
        where buttons is not null and platform_id <> ''`,
    )
    .execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('messages_offers').execute()
}
