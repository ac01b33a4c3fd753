import type { AccountReader, AccountWriter } from './store.ts'
import { type Rows, type Session, statement } from './dialect/dialect.ts'
import { lockLanes } from './outbox-statements.ts'
import { idRows } from './turns.ts'

const backlogs = statement<
  Record<string, never>,
  { channel: string; account: string; received: number; queued: number; oldest: number }
>(
  ({ using }) => `
    select conversations.channel, conversations.account, min(waiting.created_at) as oldest,
      count(case when waiting.state = 'received' then 1 end) as received,
      count(case when waiting.state <> 'received' then 1 end) as queued
    from (
      select conversation_id, state, created_at from messages ${using('messages_received')}
        where state = 'received'
      union all
      select conversation_id, state, created_at from messages ${using('messages_lane')}
        where state in ('queued', 'sending')) waiting
    join conversations on conversations.id = waiting.conversation_id
    group by conversations.channel, conversations.account order by oldest`,
)

/** Whatever a process does for a conversation leaves a time there, its end where it is under way; so do next tries. */
const alive = statement<{ channel: string; account: string; since: number }, { id: string }>(
  ({ using }) => `
    select conversations.id from conversations
    where conversations.channel = :channel and conversations.account = :account and (
      conversations.updated_at > :since or conversations.turn_after > :since or conversations.lease_until > :since
      or conversations.lane_until > :since or exists (
        select 1 from messages ${using('messages_lane')}
        where messages.conversation_id = conversations.id and messages.state in ('queued', 'sending')
          and messages.next_at > :since))
    limit 1`,
)

const conversationsInWait = statement<{ channel: string; account: string; limit: number }, { id: string }>(
  ({ using }) => `
    select conversations.id from conversations
    where conversations.channel = :channel and conversations.account = :account and conversations.id in (
      select conversation_id from messages ${using('messages_received')} where state = 'received'
      union all
      select conversation_id from messages ${using('messages_lane')} where state in ('queued', 'sending'))
    limit :limit`,
)

type Ending = { wanted: Rows; now: number }

export const endMessages = statement<Ending, { seq: number }>(
  ({ messagesOfEach, using }) => `
    update messages ${using('messages_received')} set state = 'handled', settled_at = :now
    ${messagesOfEach(
      'wanted',
      { id: 'text' },
      `messages.conversation_id = wanted.id and messages.state = 'received'`,
    )}
    returning messages.seq`,
)

export const endReplies = statement<Ending, { seq: number }>(
  ({ messagesOfEach, using }) => `
    update messages ${using('messages_lane')} set state = 'dropped', settled_at = :now
    ${messagesOfEach(
      'wanted',
      { id: 'text' },
      `messages.conversation_id = wanted.id and messages.state in ('queued', 'sending')`,
    )}
    returning messages.seq`,
)

/** A turn in progress commits nothing any more. */
const endTurns = statement<{ wanted: Rows }, never>(
  ({ from }) => `
    update conversations set pending_since = null, turn_attempts = 0, epoch = epoch + 1
    ${from('wanted', { id: 'text' })} where conversations.id = wanted.id`,
)

export function createAccountReader(session: Session): AccountReader {
  return {
    backlogs: () => session.all(backlogs, {}),
    async seemsAlive({ channel, account }, since) {
      return (await session.all(alive, { channel, account, since })).length > 0
    },
  }
}

export function createAccountWriter(session: Session): AccountWriter {
  return {
    ...createAccountReader(session),
    async giveUp({ channel, account }, now, limit) {
      const found = await session.all(conversationsInWait, { channel, account, limit })
      if (found.length === 0) return { received: 0, queued: 0 }
      const wanted = idRows(found.map(({ id }) => id))
      await session.lock(lockLanes, { wanted })
      const received = await session.each(endMessages, { wanted, now })
      const queued = await session.each(endReplies, { wanted, now })
      await session.each(endTurns, { wanted })
      return { received: received.length, queued: queued.length }
    },
  }
}
