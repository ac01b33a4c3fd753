import { newId } from '../model/ids.ts'
import type { OverLimit } from '../model/limits.ts'
import { chatKey, type Incoming, placeKey } from '../model/message.ts'
import type { Session } from './dialect/dialect.ts'
import { type Naming, openEdits } from './edits.ts'
import { type Chat, findStored, lockChats, storeChats, updateChats } from './inbox-statements.ts'
import { type ArrivalRow, newArrivals } from './message-rows.ts'
import { openPeople, type People } from './people.ts'
import type { Accepted, InboxWriter } from './store.ts'
import { clean } from './text.ts'

/** A person who never pauses is answered after this many quiet windows all the same. */
const longestQuiet = 5
const titleLength = 80
/** Of what is over a limit and told about no more: as much as the list of who waits for a human shows of a message. */
const longestUnanswered = 300

export function createInboxWriter(session: Session): InboxWriter {
  return {
    async accept(arrivals, now, counting) {
      const messages = arrivals.map(({ incoming }) => incoming)
      const people = await openPeople(session, messages, now, counting)
      const chats = await openChats(session, messages, people, now)
      const known = await findKnown(session, messages, chats)
      const edits = await openEdits(session, namings(messages, chats))
      const rows: ArrivalRow[] = []
      const accepted = arrivals.map((arrival): Accepted => {
        const { incoming, immune } = arrival
        const chat = chatOf(chats, incoming)
        const update = `${chat.id} ${incoming.updateId}`
        const before = known.get(update)
        const left = { conversationId: chat.id, dueAt: chat.turn_after, duplicate: true, pending: false }
        if (before !== undefined) return { ...left, seq: before }
        const isEdit = incoming.kind === 'edit'
        const edit = { chat, platformId: incoming.platformId, text: incoming.text }
        const shut = isEdit && !immune ? people.shutOut(incoming) : undefined
        const meaning = isEdit ? edits.meaning(edit) : 'asks'
        if (shut || meaning === 'nothing') return { ...left, seq: chat.last_seq, over: shut }
        const over = immune ? undefined : people.count(incoming)
        const changes = meaning === 'changes' && !over
        const pending = over ? over.notice !== undefined : !changes
        chat.last_seq += 1
        known.set(update, chat.last_seq)
        if (pending) schedule(chat, arrival.quietMs, now)
        const row = arrivalRow(incoming, { chat, contactId: people.idOf(incoming), over, pending, now })
        rows.push(row)
        if (changes) edits.change(edit)
        else if (!isEdit || !over) edits.note(row)
        return { ...left, seq: chat.last_seq, dueAt: chat.turn_after, duplicate: false, pending, over }
      })
      if (rows.length === 0) return accepted
      await session.insert(newArrivals, rows)
      await session.each(updateChats, { chats: [...chats.values()], now })
      await edits.save()
      await people.save()
      return accepted
    },
  }
}

function chatOf(chats: ReadonlyMap<string, Chat>, incoming: Incoming): Chat {
  const chat = chats.get(chatKey(incoming))
  if (!chat) throw new Error('a conversation vanished inside its own transaction')
  return chat
}

/** The sequences of those updates that were stored before. */
async function findKnown(
  session: Session,
  messages: readonly Incoming[],
  chats: ReadonlyMap<string, Chat>,
): Promise<Map<string, number>> {
  const stored = await session.each(findStored, {
    updates: messages.map((incoming) => ({
      conversation_id: chatOf(chats, incoming).id,
      update_id: incoming.updateId,
    })),
  })
  return new Map(stored.map((row) => [`${row.conversation_id} ${row.update_id}`, row.seq]))
}

const namings = (messages: readonly Incoming[], chats: ReadonlyMap<string, Chat>): Naming[] =>
  messages
    .filter(({ kind }) => kind === 'edit')
    .map((incoming) => ({
      chat: chatOf(chats, incoming),
      platformId: incoming.platformId,
      text: incoming.text,
    }))

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

interface Arriving {
  chat: Chat
  contactId: string | undefined
  over: OverLimit | undefined
  pending: boolean
  now: number
}

function arrivalRow(incoming: Incoming, { chat, contactId, over, pending, now }: Arriving): ArrivalRow {
  const text = clean(incoming.text)
  return {
    conversation_id: chat.id,
    seq: chat.last_seq,
    contact_id: contactId ?? null,
    kind: incoming.kind,
    text: over && !over.notice ? beginningOf(text) : text,
    platform_id: incoming.platformId,
    update_id: incoming.updateId,
    extra: incoming.extra ? JSON.stringify(incoming.extra, (_, value) => cleaned(value)) : null,
    over_limit: over ? JSON.stringify(over) : null,
    state: pending ? 'received' : 'handled',
    created_at: now,
  }
}

const beginningOf = (text: string): string =>
  text.length > longestUnanswered ? `${text.slice(0, longestUnanswered - 1).toWellFormed()}…` : text

const cleaned = (value: unknown): unknown => (typeof value === 'string' ? clean(value) : value)
