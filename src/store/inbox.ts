import { newId } from '../model/ids.ts'
import type { Incoming } from '../model/message.ts'
import { type Session, statement } from './dialect/dialect.ts'
import { messageColumns, storeMessages } from './message-rows.ts'
import type { Accepted, Arrival, InboxWriter } from './store.ts'

const storeContacts = statement<{ contacts: string; now: number }, never>(
  ({ rows }) => `
    insert into contacts (id, channel, platform_id, name, language, blocked, created_at)
    select id, channel, platform_id, name, language, 0, :now
    from ${rows('contacts', { id: 'text', channel: 'text', platform_id: 'text', name: 'text', language: 'text' })}
    where true
    on conflict (channel, platform_id) do update set name = excluded.name where contacts.name <> excluded.name`,
)

const storeConversations = statement<{ chats: string; now: number }, never>(
  ({ rows }) => `
    insert into conversations (
      id, channel, account, chat_id, thread_id, kind, contact_id, title, status, epoch, language, summary,
      summary_seq, last_seq, pending_since, turn_after, turn_attempts, lease_token, lease_until, lane_token,
      lane_until, created_at, updated_at)
    select chats.id, chats.channel, chats.account, chats.chat_id, chats.thread_id, chats.kind,
      (select contacts.id from contacts
        where contacts.channel = chats.channel and contacts.platform_id = chats.contact_platform_id),
      chats.title, 'bot', 0, null, '', 0, 0, null, 0, 0, null, 0, null, 0, :now, :now
    from ${rows('chats', {
      id: 'text',
      channel: 'text',
      account: 'text',
      chat_id: 'text',
      thread_id: 'text',
      kind: 'text',
      contact_platform_id: 'text',
      title: 'text',
    })}
    where true
    on conflict (channel, account, chat_id, thread_id) do nothing`,
)

interface Chat {
  id: string
  channel: string
  account: string
  chat_id: string
  thread_id: string
  last_seq: number
  pending_since: number | null
  turn_after: number
}

const lockChats = statement<{ chats: string }, Chat>(
  ({ rows, forUpdate }) => `
    select conversations.id, conversations.channel, conversations.account, conversations.chat_id,
      conversations.thread_id, conversations.last_seq, conversations.pending_since, conversations.turn_after
    from ${rows('chats', { channel: 'text', account: 'text', chat_id: 'text', thread_id: 'text' })}
    join conversations on conversations.channel = chats.channel and conversations.account = chats.account
      and conversations.chat_id = chats.chat_id and conversations.thread_id = chats.thread_id
    order by conversations.id ${forUpdate()}`,
)

const findContacts = statement<{ known: string }, { id: string; channel: string; platform_id: string }>(
  ({ rows }) => `
    select contacts.id, contacts.channel, contacts.platform_id
    from ${rows('known', { channel: 'text', platform_id: 'text' })}
    join contacts on contacts.channel = known.channel and contacts.platform_id = known.platform_id`,
)

const findStored = statement<
  { updates: string },
  { conversation_id: string; update_id: string; seq: number }
>(
  ({ rows }) => `
    select messages.conversation_id, messages.update_id, messages.seq
    from ${rows('updates', { conversation_id: 'text', update_id: 'text' })}
    join messages on messages.conversation_id = updates.conversation_id and messages.update_id = updates.update_id`,
)

const updateChats = statement<{ chats: string; now: number }, never>(
  ({ rows }) => `
    update conversations set last_seq = chats.last_seq, pending_since = chats.pending_since,
      turn_after = chats.turn_after, updated_at = :now
    from ${rows('chats', { id: 'text', last_seq: 'bigint', pending_since: 'bigint', turn_after: 'bigint' })}
    where conversations.id = chats.id`,
)

/** An edit of a message nobody answered yet changes the question. */
const applyEdit = statement<{ conversation: string; platform: string; text: string }, never>(
  () => `
    update messages set text = :text
    where conversation_id = :conversation and platform_id = :platform and author = 'contact'
      and kind = 'text' and state = 'received'`,
)

/** A person who never pauses is answered after this many quiet windows all the same. */
const longestQuiet = 5
const titleLength = 80

export function createInboxWriter(session: Session): InboxWriter {
  return {
    async accept(arrivals, now) {
      const chats = await openChats(session, arrivals, now)
      const people = await openContacts(session, arrivals)
      const stored = await session.all(findStored, {
        updates: JSON.stringify(
          arrivals.map(({ incoming }) => ({
            conversation_id: chats.get(chatKey(incoming))?.id,
            update_id: incoming.updateId,
          })),
        ),
      })
      const known = new Map(stored.map((row) => [`${row.conversation_id} ${row.update_id}`, row.seq]))
      const rows: object[] = []
      const accepted = arrivals.map((arrival): Accepted => {
        const { incoming } = arrival
        const chat = chats.get(chatKey(incoming))
        if (!chat) throw new Error('a conversation vanished inside its own transaction')
        const update = `${chat.id} ${incoming.updateId}`
        const before = known.get(update)
        if (before !== undefined) {
          return {
            conversationId: chat.id,
            seq: before,
            duplicate: true,
            pending: false,
            dueAt: chat.turn_after,
          }
        }
        const pending = incoming.kind !== 'edit'
        chat.last_seq += 1
        known.set(update, chat.last_seq)
        if (pending) schedule(chat, arrival.quietMs, now)
        rows.push(inboundRow(incoming, chat, people.get(contactKey(incoming)), pending, now))
        return {
          conversationId: chat.id,
          seq: chat.last_seq,
          duplicate: false,
          pending,
          dueAt: chat.turn_after,
        }
      })
      if (rows.length === 0) return accepted
      await session.all(storeMessages, { messages: JSON.stringify(rows) })
      await session.all(updateChats, { chats: JSON.stringify([...chats.values()]), now })
      await applyEdits(session, arrivals, chats)
      return accepted
    },
  }
}

const chatKey = (incoming: Incoming): string =>
  JSON.stringify([incoming.channel, incoming.account, incoming.chat.id, incoming.chat.thread])

const contactKey = (incoming: Incoming): string => `${incoming.channel} ${incoming.sender.id}`

/** PostgreSQL takes neither NUL nor lone surrogates in text. */
const clean = (text: string): string => text.replaceAll('\0', '').toWellFormed()

/** Makes the contacts and conversations that are new, and locks the conversations, in one order for all processes. */
async function openChats(session: Session, arrivals: Arrival[], now: number): Promise<Map<string, Chat>> {
  const contacts = new Map<string, Keyed>()
  const wanted = new Map<string, Keyed>()
  for (const { incoming } of arrivals) {
    const { channel, account, chat, sender } = incoming
    const person = contactKey(incoming)
    contacts.set(person, {
      key: person,
      id: newId(),
      channel,
      platform_id: sender.id,
      name: clean(sender.name),
      language: sender.language ?? null,
    })
    const key = chatKey(incoming)
    if (wanted.has(key)) continue
    wanted.set(key, {
      key,
      id: newId(),
      channel,
      account,
      chat_id: chat.id,
      thread_id: chat.thread,
      kind: chat.kind,
      contact_platform_id: chat.kind === 'private' ? sender.id : null,
      title: clean(incoming.extra?.['label'] ?? incoming.text)
        .slice(0, titleLength)
        .toWellFormed(),
    })
  }
  const json = sorted(wanted)
  await session.all(storeContacts, { contacts: sorted(contacts), now })
  await session.all(storeConversations, { chats: json, now })
  const chats = await session.all(lockChats, { chats: json })
  return new Map(
    chats.map((chat) => [JSON.stringify([chat.channel, chat.account, chat.chat_id, chat.thread_id]), chat]),
  )
}

async function openContacts(session: Session, arrivals: Arrival[]): Promise<Map<string, string>> {
  const wanted = new Map(
    arrivals.map(({ incoming }) => [
      contactKey(incoming),
      { key: contactKey(incoming), channel: incoming.channel, platform_id: incoming.sender.id },
    ]),
  )
  const found = await session.all(findContacts, { known: sorted(wanted) })
  return new Map(found.map((row) => [`${row.channel} ${row.platform_id}`, row.id]))
}

interface Keyed extends Record<string, string | null> {
  key: string
}

const sorted = (rows: Map<string, { key: string }>): string =>
  JSON.stringify([...rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1)))

function schedule(chat: Chat, quietMs: number, now: number): void {
  chat.pending_since ??= now
  chat.turn_after = quietMs === 0 ? now : Math.min(now + quietMs, chat.pending_since + longestQuiet * quietMs)
}

function inboundRow(
  incoming: Incoming,
  chat: Chat,
  contactId: string | undefined,
  pending: boolean,
  now: number,
): object {
  return {
    ...messageColumns,
    conversation_id: chat.id,
    seq: chat.last_seq,
    author: 'contact',
    contact_id: contactId,
    kind: incoming.kind,
    text: clean(incoming.text),
    platform_id: incoming.platformId,
    update_id: incoming.updateId,
    extra: incoming.extra ? clean(JSON.stringify(incoming.extra)) : null,
    state: pending ? 'received' : 'handled',
    created_at: now,
  }
}

async function applyEdits(session: Session, arrivals: Arrival[], chats: Map<string, Chat>): Promise<void> {
  for (const { incoming } of arrivals) {
    const chat = chats.get(chatKey(incoming))
    if (incoming.kind !== 'edit' || !chat) continue
    await session.all(applyEdit, {
      conversation: chat.id,
      platform: incoming.platformId,
      text: clean(incoming.text),
    })
  }
}
