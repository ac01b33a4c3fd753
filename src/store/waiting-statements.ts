import { type Syntax, statement } from './dialect/dialect.ts'
import { headOf } from './outbox-statements.ts'
import { ofAccounts, place, type PlaceRow } from './place.ts'

/** Counting ends there. What waits for another account does not count: nobody here takes it up. */
type Most = { accounts: string; most: number }

/** A count for each row, so that what waits is read first: of an account both databases may read everybody, or join all. */
const ofOurs = (syntax: Syntax, index: string, condition: string, chats = '1 = 1'): string => `
  select conversation_id from messages ${syntax.using(index)} where ${condition} and 0 < (
    select count(*) from conversations ${ofAccounts(syntax)} where conversations.id = messages.conversation_id and ${chats})
  limit :most`

/**
 * What is put off for longer was told so by a platform. A channel that is away, not running here, or at the limit of all its
 * sends puts nothing off for so long at a time; in milliseconds.
 */
const ownWaitMs = 40_000

/** No group whose next reply was told to wait until after `:lately`: its owner chooses for how long, by slow mode. */
const isOpen = (syntax: Syntax): string =>
  `(conversations.kind <> 'group' or not ${headOf(
    syntax,
    'conversations.id',
    `head.error is null and head.next_at > :lately and head.next_at - head.settled_at > ${ownWaitMs}`,
  )})`

const received = (syntax: Syntax): string => ofOurs(syntax, 'messages_received', `state = 'received'`)
const isUnsent = `state in ('queued', 'sending')`
const queued = (syntax: Syntax): string => ofOurs(syntax, 'messages_lane', isUnsent)

export const receivedUpTo = statement<Most, { count: number }>(
  (syntax) => `select count(*) as count from (${received(syntax)}) up_to`,
)
export const queuedUpTo = statement<Most, { count: number }>(
  (syntax) => `select count(*) as count from (${queued(syntax)}) up_to`,
)
/** Without the replies of such groups. */
export const sendableUpTo = statement<Most & { lately: number }, { count: number }>(
  (syntax) => `
    select count(*) as count from (
      ${ofOurs(syntax, 'messages_lane', isUnsent, isOpen(syntax))}) up_to`,
)
export const sendableSince = statement<{ lately: number }, { oldest: number | null }>(
  (syntax) => `
    select min(created_at) as oldest from messages ${syntax.using('messages_lane')} where ${isUnsent} and 0 < (
      select count(*) from conversations where conversations.id = messages.conversation_id and ${isOpen(syntax)})`,
)
/** Chats with at least `chatMost` messages without an answer or replies not sent, among the first `most` of each. */
export const crowdedChats = statement<
  Most & { chatMost: number },
  Pick<PlaceRow, 'channel' | 'account' | 'chat_id' | 'thread_id'>
>(
  (syntax) => `
    select ${place} from conversations
    where id in (
      select conversation_id from (
        select * from (${received(syntax)}) up_to_one
        union all
        select * from (${queued(syntax)}) up_to_other) up_to
      group by conversation_id having count(*) >= :chatMost)`,
)
