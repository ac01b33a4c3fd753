import { newId } from '../model/ids.ts'
import { type Session, statement } from './dialect/dialect.ts'

interface Chat extends Record<string, string | number> {
  id: string
  channel: string
  account: string
  chat: string
  thread: string
  kind: string
  now: number
}

/** Opens the conversation of a chat and moves its sequence on, in one statement. */
const nextInChat = statement<Chat, { id: string; last_seq: number }>(
  () => `
    insert into conversations (
      id, channel, account, chat_id, thread_id, kind, contact_id, title, status, epoch, language, summary,
      summary_seq, last_seq, pending_since, turn_after, turn_attempts, lease_token, lease_until, lane_token,
      lane_until, created_at, updated_at)
    values (:id, :channel, :account, :chat, :thread, :kind, null, '', 'bot', 0, null, '',
      0, 1, null, 0, 0, null, 0, null, 0, :now, :now)
    on conflict (channel, account, chat_id, thread_id)
      do update set last_seq = conversations.last_seq + 1, updated_at = excluded.updated_at
    returning id, last_seq`,
)

/** The conversation of a chat, made when it is new, and the next sequence in it. */
export async function openChat(
  session: Session,
  to: { channel: string; account: string; chatId: string; threadId: string; kind: string },
  now: number,
): Promise<{ id: string; seq: number }> {
  const [row] = await session.all(nextInChat, {
    id: newId(),
    channel: to.channel,
    account: to.account,
    chat: to.chatId,
    thread: to.threadId,
    kind: to.kind,
    now,
  })
  if (!row) throw new Error('the database returned no conversation')
  return { id: row.id, seq: row.last_seq }
}
