import { type Rows, statement } from './dialect/dialect.ts'

export type PageRow = { id: string; due: number }
type Page = { after: string; bound: string; before: number; limit: number }

/** How much of one conversation goes at a time. */
export const mostOfOne = 25

/** Neither waiting nor dead. */
const isOver = `state in ('handled', 'sent', 'dropped')`

/** What was said is in the order of its time: the first of it tells whether any is old. */
export const conversationPage = statement<Page, PageRow>(
  () => `
    select page.id, case when coalesce((
        select messages.created_at from messages where messages.conversation_id = page.id and ${isOver}
        order by messages.seq limit 1), page.updated_at) < :before
      and not exists (select 1 from handoffs where handoffs.conversation_id = page.id and handoffs.status = 'open')
      then 1 else 0 end as due
    from (
      select id, updated_at from conversations where id > :after and id < :bound order by id limit :limit) as page
    order by page.id`,
)

export const contactPage = statement<Page, PageRow>(
  () => `
    select id, case when blocked = 0 and seen_at < :before and created_at < :before then 1 else 0 end as due
    from contacts where id > :after and id < :bound order by id limit :limit`,
)

/** What a row holds ends with these. */
const ends = [
  'hour_end',
  'day_end',
  'over_until',
  'warned_at',
  'repeats_since',
  'links_since',
  'banned_at',
  'banned_until',
  'called_at',
  'call_day_end',
]
const holdsNothing = ends.map((column) => `contact_limits.${column} < :before`).join(' and ')

export const limitPage = statement<Page, PageRow>(
  () => `
    select contact_limits.contact_id as id, case when contacts.blocked = 0 and ${holdsNothing} then 1 else 0 end as due
    from contact_limits join contacts on contacts.id = contact_limits.contact_id
    where contact_limits.contact_id > :after and contact_limits.contact_id < :bound
    order by contact_limits.contact_id limit :limit`,
)

type Batch = { wanted: Rows; before: number }
type Gone = { id: string }

export const dropMessages = statement<Batch, Gone>(
  ({ forEach }) => `
    delete from messages where (conversation_id, seq) in (${forEach(
      'wanted',
      { id: 'text' },
      `select oldest.conversation_id, oldest.seq from (
        select conversation_id, seq, created_at from messages where conversation_id = wanted.id and ${isOver}
        order by seq limit ${mostOfOne}) as oldest
      where oldest.created_at < :before`,
    )})
    returning conversation_id as id`,
)

export const dropTurns = statement<Batch, Gone>(
  ({ forEach }) => `
    delete from turns where id in (${forEach(
      'wanted',
      { id: 'text' },
      `select turns.id from turns where turns.conversation_id = wanted.id and turns.started_at < :before
      order by turns.started_at limit ${mostOfOne}`,
    )})
    returning conversation_id as id`,
)

export const dropHandoffs = statement<Batch, Gone>(
  ({ from }) => `
    delete from handoffs where status <> 'open' and created_at < :before
      and conversation_id in (select wanted.id ${from('wanted', { id: 'text' })})
    returning id`,
)

/** Whoever writes again meanwhile has locked the conversation, or finds none and begins a new one. */
export const dropEmpty = statement<Batch, Gone>(
  ({ beside, lock }) => `
    delete from conversations where id in (
      select conversations.id from conversations ${beside('wanted', { id: 'text' })}
      where conversations.id = wanted.id and conversations.updated_at < :before
        and conversations.lease_until < :before and conversations.lane_until < :before
        and not exists (select 1 from messages where messages.conversation_id = conversations.id)
        and not exists (select 1 from turns where turns.conversation_id = conversations.id)
        and not exists (select 1 from handoffs where handoffs.conversation_id = conversations.id)
      ${lock('conversations.id', 'skip locked')})
    returning id`,
)

export const dropContacts = statement<Batch, Gone>(
  ({ beside, lock }) => `
    delete from contacts where id in (
      select contacts.id from contacts ${beside('wanted', { id: 'text' })}
      where contacts.id = wanted.id and contacts.blocked = 0 and contacts.seen_at < :before
        and not exists (select 1 from conversations where conversations.contact_id = contacts.id)
        and not exists (select 1 from contact_limits where contact_limits.contact_id = contacts.id)
        and not exists (
          select 1 from handoffs where handoffs.contact_id = contacts.id and handoffs.status = 'open')
      ${lock('contacts.id', 'skip locked')})
    returning id`,
)

export const dropLimits = statement<Batch, Gone>(
  ({ from }) => `
    delete from contact_limits where ${holdsNothing}
      and contact_id in (select wanted.id ${from('wanted', { id: 'text' })})
    returning contact_id as id`,
)

export const dropTraces = statement<{ bound: string; before: number; limit: number }, Gone>(
  () => `
    delete from turns where id in (
      select id from turns where id < :bound and started_at < :before order by id limit :limit)
    returning id`,
)

export const dropBudgetDays = statement<{ day: string }, Gone>(
  () => `
    delete from budget_days where day < :day
      and not exists (select 1 from reservations where reservations.day = budget_days.day)
    returning day as id`,
)

export const dropLeases = statement<{ before: number }, Gone>(
  () => 'delete from leases where until < :before returning name as id',
)
