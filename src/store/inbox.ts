import { newId } from '../model/ids.ts'
import { chatKey, type Incoming, placeKey } from '../model/message.ts'
import type { Session } from './dialect/dialect.ts'
import { applyEdit, type Chat, findStored, lockChats, storeChats, updateChats } from './inbox-statements.ts'
import { type ArrivalRow, newArrivals } from './message-rows.ts'
import { openPeople, type People } from './people.ts'
import type { Accepted, InboxWriter } from './store.ts'
import { clean } from './text.ts'

/** A person who never pauses is answered after this many quiet windows all the same. */
const longestQuiet = 5
const titleLength = 80

export function createInboxWriter(session: Session): InboxWriter {
  return {
    async accept(arrivals, now, counting) {
      const messages = arrivals.map(({ incoming }) => incoming)
      const people = await openPeople(session, messages, now, counting)
      const chats = await openChats(session, messages, people, now)
      const stored = await session.each(findStored, {
        updates: messages.map((incoming) => ({
          conversation_id: chats.get(chatKey(incoming))?.id,
          update_id: incoming.updateId,
        })),
      })
      const known = new Map(stored.map((row) => [`${row.conversation_id} ${row.update_id}`, row.seq]))
      const rows: ArrivalRow[] = []
      const edits: Edit[] = []
      const accepted = arrivals.map((arrival): Accepted => {
        const { incoming } = arrival
        const chat = chats.get(chatKey(incoming))
        if (!chat) throw new Error('a conversation vanished inside its own transaction')
        const update = `${chat.id} ${incoming.updateId}`
        const before = known.get(update)
        const where = { conversationId: chat.id, dueAt: chat.turn_after }
        if (before !== undefined) return { ...where, seq: before, duplicate: true, pending: false }
        const shut = incoming.kind === 'edit' && !arrival.immune ? people.shutOut(incoming) : undefined
        if (shut) return { ...where, seq: chat.last_seq, duplicate: true, pending: false, over: shut }
        // What is being answered at this moment cannot be changed any more: the edit is a question of its own.
        const asks = incoming.kind !== 'edit' || chat.lease_until > now
        const over = asks && !arrival.immune ? people.count(incoming) : undefined
        const pending = asks && (!over || over.notice !== undefined)
        chat.last_seq += 1
        known.set(update, chat.last_seq)
        if (pending) schedule(chat, arrival.quietMs, now)
        if (!asks) edits.push({ chat, incoming })
        rows.push({
          ...arrivalRow(incoming, chat, pending, now),
          contact_id: people.idOf(incoming) ?? null,
          over_limit: over ? JSON.stringify(over) : null,
        })
        return { ...where, seq: chat.last_seq, duplicate: false, pending, dueAt: chat.turn_after, over }
      })
      if (rows.length === 0) return accepted
      await session.insert(newArrivals, rows)
      await session.each(updateChats, { chats: [...chats.values()], now })
      for (const edit of edits) await change(session, edit)
      await people.save()
      return accepted
    },
  }
}

/** Locks the conversations, then makes those that are new, in one order for all processes. */
async function openChats(
  session: Session,
  messages: readonly Incoming[],
  people: People,
  now: number,
): Promise<Map<string, Chat>> {
  const first = new Map(messages.toReversed().map((incoming) => [chatKey(incoming), incoming]))
  const wanted = [...first.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { channel, account, chat }]) => ({ channel, account, chat_id: chat.id, thread_id: chat.thread }))
  const chats = byKey(await session.each(lockChats, { chats: wanted }))
  const missing = wanted.flatMap((place) => {
    const key = placeKey(place.channel, place.account, place.chat_id, place.thread_id)
    const incoming = first.get(key)
    return incoming && !chats.has(key) ? [{ ...place, ...newChat(incoming, people) }] : []
  })
  if (missing.length === 0) return chats
  return new Map([...chats, ...byKey(await session.each(storeChats, { chats: missing, now }))])
}

const byKey = (chats: Chat[]): Map<string, Chat> =>
  new Map(chats.map((chat) => [placeKey(chat.channel, chat.account, chat.chat_id, chat.thread_id), chat]))

const newChat = (incoming: Incoming, people: People) => ({
  id: newId(),
  kind: incoming.chat.kind,
  contact_id: incoming.chat.kind === 'private' ? people.idOf(incoming) : null,
  title: clean(incoming.extra?.['label'] ?? incoming.text)
    .slice(0, titleLength)
    .toWellFormed(),
})

function schedule(chat: Chat, quietMs: number, now: number): void {
  chat.pending_since ??= now
  chat.turn_after = quietMs === 0 ? now : Math.min(now + quietMs, chat.pending_since + longestQuiet * quietMs)
}

function arrivalRow(
  incoming: Incoming,
  chat: Chat,
  pending: boolean,
  now: number,
): Omit<ArrivalRow, 'contact_id' | 'over_limit'> {
  return {
    conversation_id: chat.id,
    seq: chat.last_seq,
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

interface Edit {
  chat: Chat
  incoming: Incoming
}

const change = (session: Session, { chat, incoming }: Edit) =>
  session.all(applyEdit, {
    conversation: chat.id,
    platform: incoming.platformId,
    text: clean(incoming.text),
  })
