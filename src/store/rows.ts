import type { Contact } from '../model/contact.ts'
import type { Conversation, Place } from '../model/conversation.ts'
import { type Language, languageOfTag } from '../model/language.ts'
import type { OverLimit } from '../model/limits.ts'
import type { Button, Said, StoredMessage } from '../model/message.ts'
import type { PlaceRow } from './place.ts'
import type { ContactRow, ConversationRow, MessageRow } from './schema.ts'
import type { DeadLetter, Delivery } from './store.ts'

/** From the rows of the tables to the words of the model. The casts trust what only this folder writes. */

const language = (value: string | null): Language | undefined => languageOfTag(value ?? undefined)

const parsed = <T>(json: string | null): T | undefined =>
  json === null ? undefined : (JSON.parse(json) as T)

const toPlace = (row: PlaceRow): Place => ({
  id: row.id,
  channel: row.channel,
  account: row.account,
  chatId: row.chat_id,
  threadId: row.thread_id,
  kind: row.kind as Conversation['kind'],
})

export function toConversation(row: ConversationRow): Conversation {
  return {
    ...toPlace(row),
    status: row.status as Conversation['status'],
    epoch: row.epoch,
    language: language(row.language),
    summary: row.summary,
    summarySeq: row.summary_seq,
  }
}

export function toContact(row: ContactRow): Contact {
  return {
    id: row.id,
    channel: row.channel,
    platformId: row.platform_id,
    name: row.name,
    language: language(row.language),
    blocked: row.blocked === 1,
  }
}

export function toMessage(row: MessageRow): StoredMessage {
  return {
    conversationId: row.conversation_id,
    seq: row.seq,
    author: row.author as StoredMessage['author'],
    contactId: row.contact_id ?? undefined,
    kind: row.kind as StoredMessage['kind'],
    text: row.text,
    buttons: parsed<Button[][]>(row.buttons),
    language: language(row.language),
    platformId: row.platform_id,
    state: row.state as StoredMessage['state'],
    turnId: row.turn_id ?? undefined,
    updateId: row.update_id ?? '',
    extra: parsed<Record<string, string>>(row.extra),
    createdAt: row.created_at,
    ...(row.over_limit === null ? {} : { over: JSON.parse(row.over_limit) as OverLimit }),
  }
}

export type SaidRow = Pick<
  MessageRow,
  'seq' | 'author' | 'kind' | 'text' | 'buttons' | 'extra' | 'created_at'
>

export function toSaid(row: SaidRow): Said {
  return {
    seq: row.seq,
    author: row.author as Said['author'],
    kind: row.kind as Said['kind'],
    text: row.text,
    buttons: parsed<Button[][]>(row.buttons),
    extra: parsed<Record<string, string>>(row.extra),
    createdAt: row.created_at,
  }
}

type Sendable = Pick<
  MessageRow,
  'seq' | 'turn_id' | 'text' | 'buttons' | 'attempts' | 'plain' | 'suspect' | 'created_at'
>

export function toDelivery(row: Sendable, place: PlaceRow): Delivery {
  return {
    conversation: toPlace(place),
    seq: row.seq,
    turnId: row.turn_id ?? undefined,
    text: row.text,
    buttons: parsed<Button[][]>(row.buttons),
    attempt: row.attempts,
    plain: row.plain === 1,
    createdAt: row.created_at,
    uncertain: row.suspect === 1,
  }
}

export type DeadLetterRow = PlaceRow &
  Pick<MessageRow, 'seq' | 'text' | 'state' | 'attempts' | 'error' | 'settled_at'>

export function toDeadLetter(row: DeadLetterRow): DeadLetter {
  return {
    conversation: toPlace(row),
    seq: row.seq,
    text: row.text,
    state: row.state as DeadLetter['state'],
    tries: row.attempts,
    reason: row.error ?? '',
    at: row.settled_at ?? 0,
  }
}
