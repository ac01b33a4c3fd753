import { type Rows, statement } from './dialect/dialect.ts'

export type Chat = {
  id: string
  channel: string
  account: string
  chat_id: string
  thread_id: string
  last_seq: number
  pending_since: number | null
  turn_after: number
  lease_token: string | null
}

const chatColumns = `
  conversations.id, conversations.channel, conversations.account, conversations.chat_id, conversations.thread_id,
  conversations.last_seq, conversations.pending_since, conversations.turn_after, conversations.lease_token`

export const lockChats = statement<{ chats: Rows }, Chat>(
  ({ beside, lock }) => `
    select ${chatColumns}
    from conversations ${beside('chats', { channel: 'text', account: 'text', chat_id: 'text', thread_id: 'text' })}
    where conversations.channel = chats.channel and conversations.account = chats.account
      and conversations.chat_id = chats.chat_id and conversations.thread_id = chats.thread_id
    ${lock('conversations.id')}`,
)

/** Another transaction may have made one meanwhile: that one is locked and returned. */
export const storeChats = statement<{ chats: Rows; now: number }, Chat>(
  ({ from }) => `
    insert into conversations (
      id, channel, account, chat_id, thread_id, kind, contact_id, title, status, epoch, language, summary,
      summary_seq, last_seq, pending_since, turn_after, turn_attempts, lease_token, lease_until, lane_token,
      lane_until, created_at, updated_at)
    select chats.id, chats.channel, chats.account, chats.chat_id, chats.thread_id, chats.kind, chats.contact_id,
      chats.title, 'bot', 0, null, '', 0, 0, null, 0, 0, null, 0, null, 0, :now, :now
    ${from('chats', {
      id: 'text',
      channel: 'text',
      account: 'text',
      chat_id: 'text',
      thread_id: 'text',
      kind: 'text',
      contact_id: 'text',
      title: 'text',
    })}
    where true
    on conflict (channel, account, chat_id, thread_id) do update set last_seq = conversations.last_seq
    returning ${chatColumns}`,
)

export const findStored = statement<
  { updates: Rows },
  { conversation_id: string; update_id: string; seq: number }
>(
  ({ beside }) => `
    select messages.conversation_id, messages.update_id, messages.seq
    from messages ${beside('updates', { conversation_id: 'text', update_id: 'text' })}
    where messages.conversation_id = updates.conversation_id and messages.update_id = updates.update_id`,
)

export const updateChats = statement<{ chats: Rows; now: number }, never>(
  ({ from }) => `
    update conversations set last_seq = chats.last_seq, pending_since = chats.pending_since,
      turn_after = chats.turn_after, updated_at = :now
    ${from('chats', { id: 'text', last_seq: 'bigint', pending_since: 'bigint', turn_after: 'bigint' })}
    where conversations.id = chats.id`,
)
