import { type Rows, statement, type Syntax } from './dialect/dialect.ts'
import { isOver } from './lease-time.ts'
import type { ConversationRow, MessageRow } from './schema.ts'

/** A lane is the replies of one conversation still to be sent; its head is the one with the lowest sequence. */
const headOf = ({ using }: Syntax, conversation: string, expression: string): string => `
  (select ${expression} from messages head ${using('messages_lane')}
    where head.conversation_id = ${conversation} and head.state in ('queued', 'sending')
    order by head.seq limit 1)`

/**
 * The head's time has come, or it was told to wait by a clock that has been turned back by more than a minute since.
 */
const isHeadDue = (syntax: Syntax): string =>
  headOf(syntax, 'conversations.id', 'head.next_at <= :now or coalesce(head.settled_at, 0) > :now + 60000')

const place =
  'conversations.id, conversations.channel, conversations.account, conversations.chat_id, conversations.thread_id, conversations.kind'

/** Where a reply goes. */
export type PlaceRow = Pick<ConversationRow, 'id' | 'channel' | 'account' | 'chat_id' | 'thread_id' | 'kind'>

export const dueLanes = statement<
  { now: number; latest: number; channels: string; limit: number },
  { id: string }
>(
  (syntax) => `
    select conversations.id from conversations
    join ${syntax.rows('channels', { name: 'text' })} on channels.name = conversations.channel
    where conversations.id in (select conversation_id from messages where state in ('queued', 'sending'))
      and ${isOver('conversations.lane_until')} and ${isHeadDue(syntax)}
    order by conversations.updated_at limit :limit`,
)

export const takeLanes = statement<
  { wanted: Rows; token: string; now: number; until: number; latest: number },
  PlaceRow
>(
  (syntax) => `
    update conversations set lane_token = :token, lane_until = :until
    where id in (
      select conversations.id from conversations ${syntax.beside('wanted', { id: 'text' })}
      where conversations.id = wanted.id and ${isOver('conversations.lane_until')} and ${isHeadDue(syntax)}
      ${syntax.lock('conversations.id', 'skip locked')})
    returning ${place}`,
)

export const sendHeads = statement<{ wanted: Rows }, MessageRow>(
  (syntax) => `
    update messages set state = 'sending', attempts = attempts + 1,
      suspect = case when state = 'sending' then 1 else suspect end
    where (conversation_id, seq) in (
      select wanted.id, ${headOf(syntax, 'wanted.id', 'head.seq')} ${syntax.from('wanted', { id: 'text' })})
    returning *`,
)

export const heldLanes = statement<{ wanted: Rows; token: string }, PlaceRow>(
  ({ beside, lock }) => `
    select ${place} from conversations ${beside('wanted', { id: 'text' })}
    where conversations.id = wanted.id and conversations.lane_token = :token ${lock('conversations.id')}`,
)

export const recordOutcomes = statement<{ outcomes: Rows }, never>(
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
    where messages.conversation_id = outcomes.id and messages.seq = outcomes.seq`,
)

export const headTimes = statement<{ wanted: Rows }, { id: string; due_at: number | null }>(
  (syntax) => `
    select wanted.id as id, ${headOf(syntax, 'wanted.id', 'head.next_at')} as due_at
    ${syntax.from('wanted', { id: 'text' })}`,
)

export const updateLanes = statement<{ lanes: Rows }, never>(
  ({ from }) => `
    update conversations set lane_token = lanes.token, lane_until = lanes.until
    ${from('lanes', { id: 'text', token: 'text', until: 'bigint' })}
    where conversations.id = lanes.id`,
)

export const renewLanes = statement<{ wanted: Rows; token: string; until: number }, { id: string }>(
  ({ beside, lock }) => `
    update conversations set lane_until = :until
    where id in (
      select conversations.id from conversations ${beside('wanted', { id: 'text' })}
      where conversations.id = wanted.id and conversations.lane_token = :token ${lock('conversations.id')})
    returning id`,
)
