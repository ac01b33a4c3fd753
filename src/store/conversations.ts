import { type Session, statement } from './dialect/dialect.ts'
import { toConversation } from './rows.ts'
import type { ConversationRow } from './schema.ts'
import type { ConversationReader, ConversationWriter } from './store.ts'
import { clean } from './text.ts'

export const byId = statement<{ id: string }, ConversationRow>(
  () => 'select * from conversations where id = :id',
)

export const byChat = statement<
  { channel: string; account: string; chat: string; thread: string },
  ConversationRow
>(
  () => `
    select * from conversations
    where channel = :channel and account = :account and chat_id = :chat and thread_id = :thread`,
)

const ofContact = statement<
  { channel: string; platform: string; limit: number },
  { id: string; chat_id: string; title: string; updated_at: number }
>(
  () => `
    select conversations.id, conversations.chat_id, conversations.title, conversations.updated_at
    from contacts join conversations on conversations.contact_id = contacts.id
    where contacts.channel = :channel and contacts.platform_id = :platform
    order by conversations.updated_at desc limit :limit`,
)

const setOwner = statement<{ id: string; status: string; now: number }, never>(
  () => 'update conversations set status = :status, epoch = epoch + 1, updated_at = :now where id = :id',
)

const setSummary = statement<{ id: string; summary: string; seq: number }, never>(
  () =>
    'update conversations set summary = :summary, summary_seq = :seq where id = :id and summary_seq < :seq',
)

export function createConversationReader(session: Session): ConversationReader {
  return {
    async get(id) {
      const [row] = await session.all(byId, { id })
      return row && toConversation(row)
    },
    async find(channel, account, chat, thread) {
      const [row] = await session.all(byChat, { channel, account, chat, thread })
      return row && toConversation(row)
    },
    async listOfContact(channel, platform, limit) {
      const rows = await session.all(ofContact, { channel, platform, limit })
      return rows.map((row) => ({
        id: row.id,
        chatId: row.chat_id,
        title: row.title,
        updatedAt: row.updated_at,
      }))
    },
  }
}

export function createConversationWriter(session: Session): ConversationWriter {
  return {
    ...createConversationReader(session),
    async changeOwner(id, status, now) {
      await session.all(setOwner, { id, status, now })
    },
    async summarize(id, summary, seq) {
      await session.all(setSummary, { id, summary: clean(summary), seq })
    },
  }
}
