import { type Rows, statement, type Syntax } from './dialect/dialect.ts'
import { isFreeFor } from './lease-time.ts'
import { held, place, type PlaceRow, withMessages } from './place.ts'
import type { MessageRow } from './schema.ts'

/** A lane is the replies of one conversation still to be sent; its head is the one with the lowest sequence. */
export const headOf = ({ using }: Syntax, conversation: string, expression: string): string => `
  (select ${expression} from messages head ${using('messages_lane')}
    where head.conversation_id = ${conversation} and head.state in ('queued', 'sending')
    order by head.seq limit 1)`

/** Its time has come, or it was told to wait by a clock that has been turned back by more than a minute since. */
const isDue = (reply: string): string =>
  `(${reply}.next_at <= :now or coalesce(${reply}.settled_at, 0) > :now + 60000)`

const isHeadDue = (syntax: Syntax): string => headOf(syntax, 'conversations.id', isDue('head'))

export const dueLanes = statement<
  { now: number; latest: number; own: string; accounts: string; limit: number },
  { id: string }
>((syntax) =>
  withMessages(syntax, {
    index: 'messages_lane',
    messages: `state in ('queued', 'sending')`,
    chats: `${isFreeFor('lane')} and ${isHeadDue(syntax)}`,
    order: 'conversations.updated_at',
  }),
)

/** Of free lanes when their head is due, if that is soon. */
export const laterLanes = statement<
  { wanted: Rows; now: number; soon: number; latest: number; own: string },
  { id: string; due_at: number }
>(
  (syntax) => `
    select conversations.id, ${headOf(syntax, 'conversations.id', 'head.next_at')} as due_at
    from conversations ${syntax.beside('wanted', { id: 'text' })}
    where conversations.id = wanted.id and ${isFreeFor('lane')}
      and ${headOf(syntax, 'conversations.id', 'head.next_at <= :soon')}`,
)

/** Replies that wait after a passing fault, which has left its words; those that wait the longest first. */
export const patientReplies = statement<
  { channel: string; account: string; soon: number; before: number; ahead: number; limit: number },
  { id: string }
>(
  ({ using }) => `
    select messages.conversation_id as id from messages ${using('messages_lane')}
    join conversations on conversations.id = messages.conversation_id
    where messages.state in ('queued', 'sending') and messages.state = 'queued' and messages.error is not null
      and messages.next_at > :soon and conversations.channel = :channel and conversations.account = :account
      and (messages.settled_at <= :before or messages.settled_at > :ahead)
    order by messages.next_at desc limit :limit`,
)

/** The try that comes of it does not count. */
export const hastenReplies = statement<{ wanted: Rows; now: number; soon: number }, { id: string }>(
  ({ messagesOfEach, using }) => `
    update messages ${using('messages_lane')} set next_at = :now,
      attempts = attempts - case when attempts > 0 then 1 else 0 end
    ${messagesOfEach(
      'wanted',
      { id: 'text' },
      `messages.conversation_id = wanted.id and messages.state in ('queued', 'sending')
        and messages.state = 'queued' and messages.error is not null and messages.next_at > :soon`,
    )}
    returning messages.conversation_id as id`,
)

export const takeLanes = statement<
  { wanted: Rows; token: string; now: number; until: number; latest: number; own: string },
  PlaceRow
>(
  (syntax) => `
    update conversations set lane_token = :token, lane_until = :until
    where id in (
      select conversations.id from conversations ${syntax.beside('wanted', { id: 'text' })}
      where conversations.id = wanted.id and ${isFreeFor('lane')} and ${isHeadDue(syntax)}
      ${syntax.lock('conversations.id', 'skip locked')})
    returning ${place}`,
)

/** Those taken until that very time, and by nobody since. */
export const lanesTaken = statement<{ wanted: Rows }, PlaceRow>(
  ({ beside }) => `
    select ${place} from conversations ${beside('wanted', { ...held, until: 'bigint' })}
    where conversations.id = wanted.id and conversations.lane_token = wanted.token
      and conversations.lane_until = wanted.until`,
)

/**
 * Of lanes just taken: what is marked already may have arrived, its sender died. That need not be the head: one given up
 * before it may have been revived since.
 */
export const doubtSending = statement<{ wanted: Rows }, never>(
  ({ messagesOfEach, using }) => `
    update messages ${using('messages_lane')} set state = 'queued', suspect = 1
    ${messagesOfEach(
      'wanted',
      { id: 'text' },
      `messages.conversation_id = wanted.id and messages.state in ('queued', 'sending')
        and messages.state = 'sending'`,
    )}`,
)

/**
 * One that its own sender has marked, and not sent since, is no further try. It is looked once more whether they are due:
 * another process may have put one off before its lane was taken.
 */
export const sendHeads = statement<{ wanted: Rows; now: number }, MessageRow>(
  (syntax) => `
    update messages set state = 'sending', attempts = attempts + case when state = 'sending' then 0 else 1 end
    where (conversation_id, seq) in (
      select wanted.id, ${headOf(syntax, 'wanted.id', 'head.seq')} ${syntax.from('wanted', { id: 'text' })})
      and ${isDue('messages')}
    returning *`,
)

export const lockLanes = statement<{ wanted: Rows }, { id: string }>(
  ({ beside, lock }) => `
    select conversations.id from conversations ${beside('wanted', { id: 'text' })}
    where conversations.id = wanted.id ${lock('conversations.id')}`,
)

/** Of a lane that somebody else has taken since nothing is known any more. */
export const recordOutcomes = statement<{ outcomes: Rows; token: string }, never>(
  ({ from }) => `
    update messages set state = outcomes.state, platform_id = outcomes.platform_id, next_at = outcomes.next_at,
      error = outcomes.error, plain = outcomes.plain, attempts = attempts - outcomes.uncount,
      settled_at = outcomes.settled_at
    ${from('outcomes', {
      id: 'text',
      seq: 'bigint',
      state: 'text',
      platform_id: 'text',
      next_at: 'bigint',
      error: 'text',
      plain: 'integer',
      uncount: 'integer',
      settled_at: 'bigint',
    })}
    where messages.conversation_id = outcomes.id and messages.seq = outcomes.seq and :token = (
      select conversations.lane_token from conversations where conversations.id = outcomes.id)`,
)

/**
 * Lanes whose head is due by `:due` are kept until `:until`, the others released; tells when the head will be due, null
 * when there is none.
 */
export const moveLanes = statement<
  { wanted: Rows; due: number; until: number },
  PlaceRow & { lane_token: string | null; due_at: number | null }
>((syntax) => {
  const dueAt = headOf(syntax, 'conversations.id', 'head.next_at')
  return `
    update conversations set
      lane_token = case when ${dueAt} <= :due then wanted.token end,
      lane_until = case when ${dueAt} <= :due then cast(:until as bigint) else 0 end
    ${syntax.from('wanted', held)}
    where conversations.id = wanted.id and conversations.lane_token = wanted.token
    returning ${place}, lane_token, ${dueAt} as due_at`
})

export const freeLanes = statement<{ wanted: Rows }, never>(
  ({ from }) => `
    update conversations set lane_token = null, lane_until = 0
    ${from('wanted', held)}
    where conversations.id = wanted.id and conversations.lane_token = wanted.token`,
)

export const renewLanes = statement<{ wanted: Rows; until: number }, { id: string }>(
  ({ beside, lock }) => `
    update conversations set lane_until = :until
    where id in (
      select conversations.id from conversations ${beside('wanted', held)}
      where conversations.id = wanted.id and conversations.lane_token = wanted.token ${lock('conversations.id')})
    returning id`,
)
