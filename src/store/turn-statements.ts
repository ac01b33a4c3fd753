import { type Insertion, isPast, type Rows, statement, type Syntax } from './dialect/dialect.ts'
import { isFreeFor, isOver } from './lease-time.ts'
import { held, place, type PlaceRow, withMessages } from './place.ts'
import type { ConversationRow, MessageRow, TurnRow } from './schema.ts'

/** No turn waits for longer than 150 seconds: five quiet windows of at most 30, or 5 after a failure. */
const isTurnDue = isPast('conversations.turn_after', 180_000)

export const waiting = statement<
  { now: number; latest: number; own: string; accounts: string; limit: number },
  { id: string }
>((syntax) =>
  withMessages(syntax, {
    index: 'messages_received',
    messages: `state = 'received'`,
    chats: `${isTurnDue} and ${isFreeFor('lease')}`,
    order: 'conversations.pending_since',
  }),
)

export const turnOfMessage = statement<{ conversation: string; seq: number }, TurnRow>(
  () => `
    select turns.* from messages join turns on turns.id = messages.turn_id
    where messages.conversation_id = :conversation and messages.seq = :seq`,
)

/** Something of it was not answered: a look for each, as an `exists` would be compared with all that waits. */
const isWaiting = ({ using }: Syntax): string => `(
  select 1 from messages ${using('messages_received')}
  where messages.conversation_id = conversations.id and messages.state = 'received' limit 1) is not null`

/** What waits and is not due yet, nor being answered: when it will be. */
export const laterTurns = statement<
  { wanted: Rows; now: number; latest: number },
  { id: string; due_at: number }
>(
  (syntax) => `
    select conversations.id, conversations.turn_after as due_at
    from conversations ${syntax.beside('wanted', { id: 'text' })}
    where conversations.id = wanted.id and conversations.turn_after > :now and ${isOver('conversations.lease_until')}
      and ${isWaiting(syntax)}`,
)

/**
 * Waits for a row that somebody holds for a moment (who accepts another message, or settles a delivery): its bell rings
 * once, and one that took nothing would be found by the sweep only.
 */
export const takeLeases = statement<
  { wanted: Rows; token: string; now: number; until: number; latest: number; own: string },
  ConversationRow
>(
  (syntax) => `
    update conversations set lease_token = :token, lease_until = :until, turn_attempts = turn_attempts + 1
    where id in (
      select conversations.id from conversations ${syntax.beside('wanted', { id: 'text' })}
      where conversations.id = wanted.id and ${isTurnDue} and ${isFreeFor('lease')} and ${isWaiting(syntax)}
      ${syntax.lock('conversations.id')})
    returning *`,
)

export type PendingRow = MessageRow & {
  person_id: string
  person_channel: string
  person_platform_id: string
  person_name: string
  person_language: string | null
  person_blocked: number
}

/** What one turn takes: no person types so much, and what a flood queued must not be read nor answered at once. */
export const longestBurst = 200

/** Of each conversation the messages of its next turn: the rest waits for the one after. */
export const pendingMessages = statement<{ wanted: Rows }, PendingRow>(({ forEach, using }) =>
  forEach(
    'wanted',
    { id: 'text' },
    `select messages.*, contacts.id as person_id, contacts.channel as person_channel,
        contacts.platform_id as person_platform_id, contacts.name as person_name,
        contacts.language as person_language, contacts.blocked as person_blocked
      from messages ${using('messages_received')} join contacts on contacts.id = messages.contact_id
      where messages.conversation_id = wanted.id and messages.state = 'received'
      order by messages.seq limit ${longestBurst}`,
  ),
)

export const renewLeases = statement<{ wanted: Rows; until: number }, { id: string }>(
  ({ beside, lock }) => `
    update conversations set lease_until = :until
    where id in (
      select conversations.id from conversations ${beside('wanted', held)}
      where conversations.id = wanted.id and conversations.lease_token = wanted.token ${lock('conversations.id')})
    returning id`,
)

/**
 * A statement sees what was committed before it began, and one that waits for a row does not look again: locked first, the
 * commit sees the messages that arrived until then. Tells how long the lane is held as it is.
 */
export const lockLeases = statement<{ commits: Rows }, { id: string; lane_until: number }>(
  ({ beside, lock }) => `
    select conversations.id, conversations.lane_until from conversations ${beside('commits', { id: 'text' })}
    where conversations.id = commits.id ${lock('conversations.id')}`,
)

export type CommittedRow = PlaceRow & {
  last_seq: number
  pending_since: number | null
  lane_token: string | null
  lane_until: number
}

/** Nobody sends, and nothing waits to be sent. */
const isLaneEmpty = ({ using }: Syntax): string => `(
  ${isOver('conversations.lane_until')} and not exists (
    select 1 from messages head ${using('messages_lane')}
    where head.conversation_id = conversations.id and head.state in ('queued', 'sending')))`

/** Ends each turn whose lease holds; where `sends` is 1 and nobody else sends, takes the lane as well, until `:lane_until`. */
export const commitLeases = statement<
  { commits: Rows; now: number; lane_until: number; latest: number },
  CommittedRow
>(
  (syntax) => `
    update conversations set lease_token = null, lease_until = 0, turn_attempts = 0,
      lane_token = case when commits.sends = 1 and ${isLaneEmpty(syntax)} then commits.token else lane_token end,
      lane_until = case when commits.sends = 1 and ${isLaneEmpty(syntax)} then :lane_until else lane_until end,
      last_seq = conversations.last_seq + commits.replies, language = commits.language, updated_at = :now,
      pending_since = (
        select min(messages.created_at) from messages ${syntax.using('messages_received')}
        where messages.conversation_id = conversations.id and messages.state = 'received'
          and messages.seq > commits.through)
    ${syntax.from('commits', {
      id: 'text',
      token: 'text',
      epoch: 'bigint',
      through: 'bigint',
      replies: 'integer',
      language: 'text',
      sends: 'integer',
    })}
    where conversations.id = commits.id and conversations.lease_token = commits.token
      and conversations.epoch = commits.epoch
    returning ${place}, conversations.last_seq, conversations.pending_since, conversations.lane_token,
      conversations.lane_until`,
)

/** Those that are stored already: somebody was not told that they are. */
export const storedTurns = statement<{ commits: Rows }, CommittedRow & { turn_id: string }>(
  ({ beside }) => `
    select turns.id as turn_id, ${place}, conversations.last_seq, conversations.pending_since,
      conversations.lane_token, conversations.lane_until
    from turns join conversations on conversations.id = turns.conversation_id ${beside('commits', { turn_id: 'text' })}
    where turns.id = commits.turn_id`,
)

/** The reply that such a turn claimed to send, while its lane is still held under the same token. */
export const claimedReplies = statement<{ commits: Rows }, MessageRow>(({ forEach, using }) =>
  forEach(
    'commits',
    { id: 'text', token: 'text', turn_id: 'text' },
    `select messages.* from messages ${using('messages_lane')}
      join conversations on conversations.id = messages.conversation_id
      where messages.conversation_id = commits.id and messages.state in ('queued', 'sending')
        and messages.state = 'sending' and messages.turn_id = commits.turn_id
        and conversations.lane_token = commits.token
      limit 1`,
  ),
)

export const handleMessages = statement<{ commits: Rows; now: number }, never>(
  ({ messagesOfEach, using }) => `
    update messages ${using('messages_received')} set state = 'handled', turn_id = commits.turn_id, settled_at = :now
    ${messagesOfEach(
      'commits',
      { id: 'text', through: 'bigint', turn_id: 'text' },
      `messages.conversation_id = commits.id and messages.seq <= commits.through and messages.state = 'received'`,
    )}`,
)

export const newTurns = {
  table: 'turns',
  columns: {
    id: 'text',
    conversation_id: 'text',
    attempt: 'integer',
    source: 'text',
    confidence: 'real',
    trace: 'text',
    input_tokens: 'bigint',
    output_tokens: 'bigint',
    cost_micro_usd: 'bigint',
    duration_ms: 'integer',
    started_at: 'bigint',
  },
} satisfies Insertion<keyof TurnRow>

export const releaseLease = statement<{ id: string; token: string; at: number; uncount: number }, never>(
  () => `
    update conversations set lease_token = null, lease_until = 0, turn_after = :at,
      turn_attempts = turn_attempts - :uncount
    where id = :id and lease_token = :token`,
)
