import type { Incoming } from '../model/message.ts'
import type { OverLimit } from '../model/limits.ts'
import { goodStanding, judge, type Standing } from '../model/standing.ts'
import type { Rows, Session } from './dialect/dialect.ts'
import { blockContacts, findPeople, type PersonRow, standings } from './limit-statements.ts'
import type { Counting } from './store.ts'

/** The contacts of one batch, their messages judged one after the other. */
export interface People {
  idOf(incoming: Incoming): string | undefined
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

export const contactKey = (incoming: Incoming): string => `${incoming.channel} ${incoming.sender.id}`

/** `known`: the contacts, all of them stored and locked by this transaction. */
export async function openPeople(
  session: Session,
  known: Rows,
  now: number,
  counting: Counting | undefined,
): Promise<People> {
  const rows = await session.each(findPeople, { known })
  const people = new Map(rows.map((row) => [`${row.channel} ${row.platform_id}`, toPerson(row)]))
  return {
    idOf: (incoming) => people.get(contactKey(incoming))?.id,
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
      await session.insert(standings, changed.map(toRow).sort(byId))
      const blocked = changed.filter(({ before, standing }) => standing.blocked && !before.blocked)
      if (blocked.length === 0) return
      await session.each(blockContacts, { culprits: blocked.map(({ id }) => ({ id })) })
    },
  }
}

function toPerson(row: PersonRow): Person {
  const before = toStanding(row)
  return { id: row.id, before, standing: before }
}

function toStanding(row: PersonRow): Standing {
  if (row.contact_id === null) return row.blocked === 1 ? { ...goodStanding, blocked: true } : goodStanding
  return {
    hourEnd: row.hour_end ?? 0,
    hourCount: row.hour_count ?? 0,
    dayEnd: row.day_end ?? 0,
    dayCount: row.day_count ?? 0,
    overUntil: row.over_until ?? 0,
    warnedAt: row.warned_at ?? 0,
    excess: row.excess ?? 0,
    likeness: row.likeness ?? '',
    repeats: row.repeats ?? 0,
    repeatsSince: row.repeats_since ?? 0,
    links: row.links ?? 0,
    linksSince: row.links_since ?? 0,
    bans: row.bans ?? 0,
    bannedAt: row.banned_at ?? 0,
    bannedUntil: row.banned_until ?? 0,
    blocked: row.blocked === 1,
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
