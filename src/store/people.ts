import { newId } from '../model/ids.ts'
import type { Incoming } from '../model/message.ts'
import type { OverLimit } from '../model/limits.ts'
import { goodStanding, judge, shutOutOf, type Standing } from '../model/standing.ts'
import type { Session } from './dialect/dialect.ts'
import {
  blockContacts,
  type ContactRow,
  findStandings,
  lockContacts,
  storeContacts,
  storeStandings,
} from './people-statements.ts'
import type { ContactLimitsRow } from './schema.ts'
import type { Counting } from './store.ts'
import { seenToMs } from './retention-contract.ts'
import { clean } from './text.ts'

/** The contacts of one batch, their messages judged one after the other. */
export interface People {
  idOf(incoming: Incoming): string | undefined
  /** Why its sender is answered nothing at all, when that is so. */
  shutOut(incoming: Incoming): OverLimit | undefined
  /** Counts the message; why it is not answered, when it is not. */
  count(incoming: Incoming): OverLimit | undefined
  /** Stores how they stand now. */
  save(): Promise<void>
}

interface Person {
  id: string
  before: Standing
  standing: Standing
}

const contactKey = (incoming: Incoming): string => `${incoming.channel} ${incoming.sender.id}`

/**
 * Locks the contacts of a batch, adds those who are new and changes names, in one order for all processes. Nearly all
 * are known by the same name and were seen this week, so they are looked for first.
 */
export async function openPeople(
  session: Session,
  messages: readonly Incoming[],
  now: number,
  counting: Counting | undefined,
): Promise<People> {
  const contacts = await openContacts(session, messages, now)
  const ids = contacts.map(({ id }) => ({ id }))
  const found = counting ? await session.each(findStandings, { people: ids }) : []
  const standings = new Map(found.map((row) => [row.contact_id, row]))
  const people = new Map(
    contacts.map((row) => [`${row.channel} ${row.platform_id}`, toPerson(row, standings.get(row.id))]),
  )
  return {
    idOf: (incoming) => people.get(contactKey(incoming))?.id,
    shutOut(incoming) {
      const person = people.get(contactKey(incoming))
      return person && shutOutOf(person.standing, now)
    },
    count(incoming) {
      const person = people.get(contactKey(incoming))
      if (!person || !counting) return undefined
      const moment = { now, hourEnd: counting.hourEnd, dayEnd: counting.dayEnd }
      const { standing, over } = judge(person.standing, incoming, moment, counting.limits)
      person.standing = standing
      return over
    },
    async save() {
      const changed = [...people.values()].filter(({ before, standing }) => before !== standing)
      if (changed.length === 0) return
      await session.each(storeStandings, { standings: changed.map(toRow).sort(byId) })
      const blocked = changed.filter(({ before, standing }) => standing.blocked && !before.blocked)
      if (blocked.length > 0) await session.each(blockContacts, { people: blocked.map(({ id }) => ({ id })) })
    },
  }
}

async function openContacts(
  session: Session,
  messages: readonly Incoming[],
  now: number,
): Promise<ContactRow[]> {
  const wanted = [...new Map(messages.map((incoming) => [contactKey(incoming), incoming])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { channel, sender }]) => ({
      channel,
      platform_id: sender.id,
      name: clean(sender.name),
      language: sender.language ?? null,
    }))
  const known = await session.each(lockContacts, { known: wanted })
  const asBefore = known.filter((row) => now - row.seen_at < seenToMs)
  const names = new Map(asBefore.map((row) => [`${row.channel} ${row.platform_id}`, row.name]))
  const other = wanted.filter((row) => names.get(`${row.channel} ${row.platform_id}`) !== row.name)
  if (other.length === 0) return known
  const people = other.map((row) => ({ id: newId(), ...row }))
  const stored = await session.each(storeContacts, { people, now })
  return [...new Map([...known, ...stored].map((row) => [row.id, row])).values()]
}

function toPerson({ id, blocked }: ContactRow, row: ContactLimitsRow | undefined): Person {
  const before = toStanding(row, blocked === 1)
  return { id, before, standing: before }
}

function toStanding(row: ContactLimitsRow | undefined, blocked: boolean): Standing {
  if (!row) return blocked ? { ...goodStanding, blocked } : goodStanding
  return {
    hourEnd: row.hour_end,
    hourCount: row.hour_count,
    dayEnd: row.day_end,
    dayCount: row.day_count,
    overUntil: row.over_until,
    warnedAt: row.warned_at,
    excess: row.excess,
    likeness: row.likeness,
    repeats: row.repeats,
    repeatsSince: row.repeats_since,
    links: row.links,
    linksSince: row.links_since,
    bans: row.bans,
    bannedAt: row.banned_at,
    bannedUntil: row.banned_until,
    blocked,
    told: row.told === 1,
  }
}

/** Processes lock rows in one order. */
const byId = (a: { contact_id: string }, b: { contact_id: string }): number =>
  a.contact_id < b.contact_id ? -1 : 1

const toRow = ({ id, standing }: Person) => ({
  contact_id: id,
  hour_end: standing.hourEnd,
  hour_count: standing.hourCount,
  day_end: standing.dayEnd,
  day_count: standing.dayCount,
  over_until: standing.overUntil,
  warned_at: standing.warnedAt,
  excess: standing.excess,
  likeness: standing.likeness,
  repeats: standing.repeats,
  repeats_since: standing.repeatsSince,
  links: standing.links,
  links_since: standing.linksSince,
  bans: standing.bans,
  banned_at: standing.bannedAt,
  banned_until: standing.bannedUntil,
  told: Number(standing.told),
})
