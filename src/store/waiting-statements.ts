import { statement } from './dialect/dialect.ts'
import { place, type PlaceRow } from './place.ts'

/** Counting ends there. */
type Most = { most: number }

export const receivedUpTo = statement<Most, { count: number }>(
  ({ using }) => `
    select count(*) as count from (
      select 1 from messages ${using('messages_received')} where state = 'received' limit :most) up_to`,
)
export const queuedUpTo = statement<Most, { count: number }>(
  ({ using }) => `
    select count(*) as count from (
      select 1 from messages ${using('messages_lane')} where state in ('queued', 'sending') limit :most) up_to`,
)
/** Chats with at least `chatMost` messages without an answer or replies not sent, among the first `most` of each. */
export const crowdedChats = statement<
  Most & { chatMost: number },
  Pick<PlaceRow, 'channel' | 'account' | 'chat_id' | 'thread_id'>
>(
  ({ using }) => `
    select ${place} from conversations
    where id in (
      select conversation_id from (
        select * from (
          select conversation_id from messages ${using('messages_received')} where state = 'received' limit :most) up_to_one
        union all
        select * from (
          select conversation_id from messages ${using('messages_lane')} where state in ('queued', 'sending')
          limit :most) up_to_other) up_to
      group by conversation_id having count(*) >= :chatMost)`,
)
