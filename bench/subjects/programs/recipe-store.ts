import pg from 'pg'
import { databaseUrl } from './arguments.ts'

export const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 })

/** The usual table. */
export async function createTables(): Promise<void> {
  await pool.query(`create table if not exists messages (
    id bigserial primary key, update_id bigint unique, chat_id bigint not null, role text not null,
    content text not null, created_at timestamptz not null default now())`)
  await pool.query('create index if not exists messages_chat on messages (chat_id, id)')
}

export interface Row {
  role: string
  content: string
}

/** The last messages of a chat, oldest first: what the model is told. */
export async function historyOf(chat: number): Promise<Row[]> {
  const { rows } = await pool.query<Row>(
    'select role, content from messages where chat_id = $1 order by id desc limit 20',
    [chat],
  )
  return rows.reverse()
}
