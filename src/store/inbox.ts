import { newId } from '../model/ids.ts'
import type { OverLimit } from '../model/limits.ts'
import type { Incoming } from '../model/message.ts'
import type { Session } from './dialect/dialect.ts'
import { messageColumns, newMessages } from './message-rows.ts'
import { contactKey, openPeople } from './people.ts'
import { clean } from './text.ts'
import type { MessageRow } from './schema.ts'
import type { Accepted, Arrival, InboxWriter } from './store.ts'
import {
  applyEdit,
  type Chat,
  findStored,
  lockChats,
  storeContacts,
  storeConversations,
  updateChats,
} from './inbox-statements.ts'

/** A person who never pauses is answered after this many quiet windows all the same. */
const longestQuiet = 5
const titleLength = 80

export function createInboxWriter(session: Session): InboxWriter {
  return {
    async accept(arrivals, now, counting) {
      const chats = await openChats(session, arrivals, now)
      const people = await openPeople(session, knownContacts(arrivals), now, counting)
      const stored = await session.each(findStored, {
        updates: arrivals.map(({ incoming }) => ({
          conversation_id: chats.get(chatKey(incoming))?.id,
          update_id: incoming.updateId,
        })),
      })
      const known = new Map(stored.map((row) => [`${row.conversation_id} ${row.update_id}`, row.seq]))
      const rows: MessageRow[] = []
      const edits: Arrival[] = []
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
        // What is being answered at this moment cannot be changed any more: the edit is a question of its own.
        const asks = incoming.kind !== 'edit' || chat.lease_until > now
        const over = asks && !arrival.immune ? people.count(incoming) : undefined
        const pending = asks && (!over || over.notice !== undefined)
        if (!asks) edits.push(arrival)
        chat.last_seq += 1
        known.set(update, chat.last_seq)
        if (pending) schedule(chat, arrival.quietMs, now)
        rows.push({ ...inboundRow(incoming, chat, people.idOf(incoming), pending, now), ...overColumn(over) })
        return {
          conversationId: chat.id,
          seq: chat.last_seq,
          duplicate: false,
          pending,
          dueAt: chat.turn_after,
          over,
        }
      })
      if (rows.length === 0) return accepted
      await session.insert(newMessages, rows)
      await session.each(updateChats, { chats: [...chats.values()], now })
      await applyEdits(session, edits, chats)
      await people.save()
      return accepted
    },
  }
}

const chatKey = (incoming: Incoming): string =>
  JSON.stringify([incoming.channel, incoming.account, incoming.chat.id, incoming.chat.thread])

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
  const wantedRows = sorted(wanted)
  await session.each(storeContacts, { people: sorted(contacts), now })
  await session.each(storeConversations, { chats: wantedRows, now })
  const chats = await session.each(lockChats, { chats: wantedRows })
  return new Map(
    chats.map((chat) => [JSON.stringify([chat.channel, chat.account, chat.chat_id, chat.thread_id]), chat]),
  )
}

function knownContacts(arrivals: Arrival[]): Keyed[] {
  const wanted = new Map(
    arrivals.map(({ incoming }) => [
      contactKey(incoming),
      { key: contactKey(incoming), channel: incoming.channel, platform_id: incoming.sender.id },
    ]),
  )
  return sorted(wanted)
}

const overColumn = (over: OverLimit | undefined): object => (over ? { over_limit: JSON.stringify(over) } : {})

interface Keyed extends Record<string, string | null> {
  key: string
}

const sorted = <T extends { key: string }>(rows: Map<string, T>): T[] =>
  [...rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1))

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
): MessageRow {
  return {
    ...messageColumns,
    conversation_id: chat.id,
    seq: chat.last_seq,
    author: 'contact',
    contact_id: contactId ?? null,
    kind: incoming.kind,
    text: clean(incoming.text),
    platform_id: incoming.platformId,
    update_id: incoming.updateId,
    extra: incoming.extra ? JSON.stringify(incoming.extra, (_, value) => cleaned(value)) : null,
    state: pending ? 'received' : 'handled',
    created_at: now,
  }
}

const cleaned = (value: unknown): unknown => (typeof value === 'string' ? clean(value) : value)

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
