import { placeKey } from '../model/message.ts'
import { type Rows, type Session, statement } from './dialect/dialect.ts'
import { accountsText } from './place.ts'
import { type SaidRow, toMessage, toSaid } from './rows.ts'
import type { MessageRow } from './schema.ts'
import type { MessageReader, Waiting } from './store.ts'
import { crowdedChats, queuedUpTo, receivedUpTo, sendableSince, sendableUpTo } from './waiting-statements.ts'

export const page = statement<{ conversation: string; before: number; limit: number }, MessageRow>(
  () => `
    select * from messages where conversation_id = :conversation and seq < :before order by seq desc limit :limit`,
)

/** What is said looks at no more messages than these, however many of them it leaves out. */
const lookedBack = 1000

/** Every turn reads this: no more columns than it needs. */
export const said = statement<{ asked: Rows }, SaidRow & { place: number }>(({ forEach }) =>
  forEach(
    'asked',
    { place: 'integer', conversation: 'text', after: 'bigint', before: 'bigint', most: 'integer' },
    `select asked.place as place, seq, author, kind, text, buttons, extra, created_at from messages
    where conversation_id = asked.conversation and seq > asked.after and seq < asked.before
      and state not in ('received', 'failed', 'dropped') and (kind <> 'edit' or turn_id is not null)
    order by seq desc limit asked.most`,
  ),
)

export const since = statement<{ conversation: string; after: number; limit: number }, MessageRow>(
  () => `
    select * from messages where conversation_id = :conversation and seq > :after order by seq limit :limit`,
)

export const withButtons = statement<
  { channel: string; account: string; chat: string; platform: string },
  MessageRow
>(
  () => `
    select messages.* from conversations
    join messages on messages.conversation_id = conversations.id and messages.platform_id = :platform
    where conversations.channel = :channel and conversations.account = :account and conversations.chat_id = :chat
      and messages.buttons is not null and messages.platform_id <> ''
    limit 1`,
)

/** A reply whose time has just come is on its way, and may be told to wait once more, in milliseconds. */
const onItsWayMs = 5000

type Count = { count: number; oldest: number | null }

const received = statement<Record<string, never>, Count>(
  () => `select count(*) as count, min(created_at) as oldest from messages where state = 'received'`,
)
const queued = statement<Record<string, never>, Count>(
  () =>
    `select count(*) as count, min(created_at) as oldest from messages where state in ('queued', 'sending')`,
)
const dead = statement<Record<string, never>, { count: number }>(
  () => `select count(*) as count from messages where state in ('failed', 'uncertain')`,
)

export function createMessageReader(session: Session): MessageReader {
  return {
    async page(conversation, { before = Number.MAX_SAFE_INTEGER, limit }) {
      const rows = await session.all(page, { conversation, before, limit })
      return rows.reverse().map(toMessage)
    },
    async said(asked) {
      const rows = await session.each(said, {
        asked: asked.map(({ conversationId, limit, after, before }, place) => ({
          place,
          conversation: conversationId,
          most: limit,
          after: Math.max(after, before - 1 - lookedBack),
          before,
        })),
      })
      const found = Map.groupBy(rows.reverse(), (row) => row.place)
      return asked.map((_, place) => (found.get(place) ?? []).map(toSaid))
    },
    async since(conversation, after, limit) {
      const rows = await session.all(since, { conversation, after, limit })
      return rows.map(toMessage)
    },
    async buttonsOf({ channel, account, chatId }, platform) {
      const [row] = await session.all(withButtons, { channel, account, chat: chatId, platform })
      return row && toMessage(row).buttons
    },
    waiting: (...asked) => countWaiting(session, ...asked),
    async waitingSince(now) {
      const [[waiting], [leaving]] = await Promise.all([
        session.all(received, {}),
        session.all(sendableSince, { lately: now - onItsWayMs }),
      ])
      return earliest([waiting?.oldest, leaving?.oldest])
    },
    async backlog() {
      const [waiting, leaving, failed] = await Promise.all([
        session.all(received, {}),
        session.all(queued, {}),
        session.all(dead, {}),
      ])
      return {
        received: waiting[0]?.count ?? 0,
        queued: leaving[0]?.count ?? 0,
        failed: failed[0]?.count ?? 0,
        oldest: earliest([waiting[0]?.oldest, leaving[0]?.oldest]),
      }
    },
  }
}

async function countWaiting(
  session: Session,
  ...[ours, most, mostOfChat, now]: Parameters<MessageReader['waiting']>
): Promise<Waiting> {
  const accounts = accountsText(ours)
  const [[waiting], [leaving]] = await Promise.all([
    session.all(receivedUpTo, { accounts, most }),
    session.all(queuedUpTo, { accounts, most }),
  ])
  const received = waiting?.count ?? 0
  const unsent = leaving?.count ?? 0
  const isLarge = received + unsent >= mostOfChat && received < most
  const chats = isLarge ? await session.all(crowdedChats, { accounts, most, chatMost: mostOfChat }) : []
  const lately = now - onItsWayMs
  const isFull = received < most && received + unsent >= most
  const [sendable] = isFull ? await session.all(sendableUpTo, { accounts, most, lately }) : []
  return {
    received,
    queued: sendable?.count ?? unsent,
    crowded: chats.map((chat) => placeKey(chat.channel, chat.account, chat.chat_id, chat.thread_id)),
  }
}

function earliest(times: readonly (number | null | undefined)[]): number | undefined {
  const known = times.filter((time) => typeof time === 'number')
  return known.length > 0 ? Math.min(...known) : undefined
}
