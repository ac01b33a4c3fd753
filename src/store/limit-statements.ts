import { type Insertion, type Rows, statement } from './dialect/dialect.ts'
import type { ContactLimitsRow } from './schema.ts'

export type PersonRow = { id: string; channel: string; platform_id: string; blocked: number } & {
  [column in keyof ContactLimitsRow]: ContactLimitsRow[column] | null
}

/** Contacts with how they stand. Whoever counts has locked the contact before: see `storeContacts`. */
export const findPeople = statement<{ known: Rows }, PersonRow>(
  ({ beside }) => `
    select contacts.id, contacts.channel, contacts.platform_id, contacts.blocked, contact_limits.*
    from contacts left join contact_limits on contact_limits.contact_id = contacts.id
      ${beside('known', { channel: 'text', platform_id: 'text' })}
    where contacts.channel = known.channel and contacts.platform_id = known.platform_id`,
)

/** What messages change of how a contact stands; calls are counted beside it. */
export const standings = {
  table: 'contact_limits',
  key: 'contact_id',
  columns: {
    contact_id: 'text',
    hour_end: 'bigint',
    hour_count: 'bigint',
    day_end: 'bigint',
    day_count: 'bigint',
    over_until: 'bigint',
    warned_at: 'bigint',
    excess: 'bigint',
    likeness: 'text',
    repeats: 'bigint',
    repeats_since: 'bigint',
    links: 'bigint',
    links_since: 'bigint',
    bans: 'bigint',
    banned_at: 'bigint',
    banned_until: 'bigint',
    told: 'bigint',
  },
} satisfies Insertion<string>

export const blockContacts = statement<{ culprits: Rows }, never>(
  ({ from }) => `
    update contacts set blocked = 1 ${from('culprits', { id: 'text' })} where contacts.id = culprits.id`,
)

export const lockContact = statement<{ channel: string; platform: string }, { id: string }>(
  ({ lock }) => `
    select id from contacts where channel = :channel and platform_id = :platform ${lock('id')}`,
)

export const setBlocked = statement<{ id: string; blocked: number }, never>(
  () => 'update contacts set blocked = :blocked where id = :id',
)

export const forgetLimits = statement<{ id: string }, never>(
  () => 'delete from contact_limits where contact_id = :id',
)

export const setBan = statement<{ id: string; until: number }, never>(
  () => `
    insert into contact_limits (contact_id, banned_until, told) values (:id, :until, 0)
    on conflict (contact_id) do update set banned_until = excluded.banned_until, told = 0`,
)

export type RestrictedRow = {
  channel: string
  platform_id: string
  name: string
  blocked: number
  over_until: number
  banned_until: number
}

export const listRestricted = statement<{ now: number; limit: number }, RestrictedRow>(
  () => `
    select contacts.channel, contacts.platform_id, contacts.name, contacts.blocked,
      coalesce(contact_limits.over_until, 0) as over_until,
      coalesce(contact_limits.banned_until, 0) as banned_until
    from contacts left join contact_limits on contact_limits.contact_id = contacts.id
    where contacts.blocked = 1 or contact_limits.over_until > :now or contact_limits.banned_until > :now
    order by contacts.blocked desc, banned_until desc, over_until desc limit :limit`,
)

/** A call of a clock that has been put back since is not in the future, it is of another session. */
const inSession = 'contact_limits.called_at > :session_start and contact_limits.called_at <= :latest'
const inDay = 'contact_limits.call_day_end > :now and contact_limits.call_day_end <= :longest_day'

/** Takes one call of each contact who has one left; each contact once, in the order of their ids. */
export const takeCalls = statement<
  {
    wanted: Rows
    now: number
    day_end: number
    session_start: number
    latest: number
    longest_day: number
    per_session: number
    per_day: number
  },
  { contact_id: string }
>(
  ({ from }) => `
    insert into contact_limits (contact_id, called_at, session_calls, call_day_end, day_calls)
    select wanted.id, :now, 1, :day_end, 1 ${from('wanted', { id: 'text' })} where true
    on conflict (contact_id) do update set called_at = excluded.called_at,
      session_calls = case when ${inSession} then contact_limits.session_calls + 1 else 1 end,
      call_day_end = case when ${inDay} then contact_limits.call_day_end else excluded.call_day_end end,
      day_calls = case when ${inDay} then contact_limits.day_calls + 1 else 1 end
    where (not (${inSession}) or contact_limits.session_calls < :per_session)
      and (not (${inDay}) or contact_limits.day_calls < :per_day)
    returning contact_id`,
)

export const callsTaken = statement<
  { wanted: Rows },
  { contact_id: string; called_at: number; session_calls: number; call_day_end: number; day_calls: number }
>(
  ({ beside }) => `
    select contact_limits.contact_id, contact_limits.called_at, contact_limits.session_calls,
      contact_limits.call_day_end, contact_limits.day_calls
    from contact_limits ${beside('wanted', { id: 'text' })}
    where contact_limits.contact_id = wanted.id`,
)
