import type { ConversationRow } from './schema.ts'

/** Where a reply goes. */
export type PlaceRow = Pick<ConversationRow, 'id' | 'channel' | 'account' | 'chat_id' | 'thread_id' | 'kind'>

/** Its columns. */
export const place =
  'conversations.id, conversations.channel, conversations.account, conversations.chat_id, conversations.thread_id, conversations.kind'
