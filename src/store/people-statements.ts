import { type Rows, statement } from './dialect/dialect.ts'
import type { ContactLimitsRow } from './schema.ts'

export type ContactRow = {
  id: string
  channel: string
  platform_id: string
  name: string
  blocked: number
  seen_at: number
}

const contactColumns =
  'contacts.id, contacts.channel, contacts.platform_id, contacts.name, contacts.blocked, contacts.seen_at'

/** Until this transaction ends nobody else counts messages of these people. */
export const lockContacts = statement<{ known: Rows }, ContactRow>(
  ({ beside, lock }) => `
    select ${contactColumns}
    from contacts ${beside('known', { channel: 'text', platform_id: 'text' })}
    where contacts.channel = known.channel and contacts.platform_id = known.platform_id
    ${lock('contacts.id')}`,
)

/** Adds those that are new, changes names, and notes who is seen. Another transaction may have added one meanwhile: that one is locked. */
export const storeContacts = statement<{ people: Rows; now: number }, ContactRow>(
  ({ from }) => `
    insert into contacts (id, channel, platform_id, name, language, blocked, seen_at, created_at)
    select people.id, people.channel, people.platform_id, people.name, people.language, 0, :now, :now
    ${from('people', { id: 'text', channel: 'text', platform_id: 'text', name: 'text', language: 'text' })}
    where true
    on conflict (channel, platform_id) do update set name = excluded.name, seen_at = excluded.seen_at
    returning ${contactColumns}`,
)

/** How people stand whose contacts are locked: a statement of its own sees what was committed until then. */
export const findStandings = statement<{ people: Rows }, ContactLimitsRow>(
  ({ beside }) => `
    select contact_limits.* from contact_limits ${beside('people', { id: 'text' })}
    where contact_limits.contact_id = people.id`,
)

/** What messages change of how a contact stands; calls are counted beside it. */
const standing = {
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
} as const

const standingColumns = Object.keys(standing)

export const storeStandings = statement<{ standings: Rows }, never>(
  ({ from }) => `
    insert into contact_limits (contact_id, ${standingColumns.join(', ')})
    select standings.contact_id, ${standingColumns.map((column) => `standings.${column}`).join(', ')}
    ${from('standings', { contact_id: 'text', ...standing })}
    where true
    on conflict (contact_id) do update set
      ${standingColumns.map((column) => `${column} = excluded.${column}`).join(', ')}`,
)

export const blockContacts = statement<{ people: Rows }, never>(
  ({ from }) =>
    `update contacts set blocked = 1 ${from('people', { id: 'text' })} where contacts.id = people.id`,
)
