import type { Account } from '../model/conversation.ts'
import type { Syntax } from './dialect/dialect.ts'
import type { ConversationRow } from './schema.ts'

/** Where a reply goes. */
export type PlaceRow = Pick<ConversationRow, 'id' | 'channel' | 'account' | 'chat_id' | 'thread_id' | 'kind'>

/** Its columns. */
export const place =
  'conversations.id, conversations.channel, conversations.account, conversations.chat_id, conversations.thread_id, conversations.kind'

/**
 * What somebody holds, row by row. PostgreSQL takes a token that is the same for all rows as the way to find them, and reads
 * all conversations for it as long as they are few.
 */
export const held = { id: 'text', token: 'text' } as const

export const heldRows = (ids: readonly string[], token: string): { id: string; token: string }[] =>
  ids.map((id) => ({ id, token }))

/** Behind `from conversations`: only those of the accounts in parameter `:accounts`. */
export const ofAccounts = ({ rows }: Syntax): string => `
  join ${rows('accounts', { channel: 'text', account: 'text' })}
    on accounts.channel = conversations.channel and accounts.account = conversations.account`

interface Waiting {
  /** The partial index that has just these messages. */
  index: string
  /** Which messages, and which of their conversations: conditions in SQL. */
  messages: string
  chats: string
  /** A column of `conversations`, the lowest first. */
  order: string
}

/**
 * Ids of those conversations of the accounts in parameter `:accounts` that have such messages, `:limit` at most, in the order of a
 * column. Each is looked up on its own, and once, so that what waits is read first: of an account both databases may read
 * everybody, or join all.
 */
export const withMessages = (syntax: Syntax, { index, messages, chats, order }: Waiting): string => `
  with found as materialized (
    select conversation_id as id, (
      select coalesce(${order}, 0) from conversations ${ofAccounts(syntax)}
      where conversations.id = messages.conversation_id and ${chats}) as since
    from messages ${syntax.using(index)} where ${messages} group by conversation_id)
  select id from found where since is not null order by since limit :limit`

export const accountsText = (accounts: readonly Account[]): string =>
  JSON.stringify(accounts.map(({ channel, account }) => ({ channel, account })))
