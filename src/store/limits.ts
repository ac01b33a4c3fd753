import type { CallLimits, CallRefusal } from '../model/limits.ts'
import type { Session } from './dialect/dialect.ts'
import {
  callsTaken,
  forgetLimits,
  listRestricted,
  lockContact,
  type RestrictedRow,
  setBan,
  setBlocked,
  takeCalls,
} from './limit-statements.ts'
import type { LimitReader, LimitWriter, RestrictedContact } from './store.ts'

const longestDayMs = 27 * 3_600_000
/** Clocks of processes differ by less. */
const skewMs = 60_000

export function createLimitReader(session: Session): LimitReader {
  return {
    async restricted(now, limit) {
      const rows = await session.all(listRestricted, { now, limit })
      return rows.map((row) => toRestricted(row, now))
    },
  }
}

export function createLimitWriter(session: Session): LimitWriter {
  return {
    ...createLimitReader(session),
    async lift(channel, platform) {
      const [contact] = await session.all(lockContact, { channel, platform })
      if (!contact) return false
      await session.all(setBlocked, { id: contact.id, blocked: 0 })
      await session.all(forgetLimits, { id: contact.id })
      return true
    },
    async ban(channel, platform, until) {
      const [contact] = await session.all(lockContact, { channel, platform })
      if (!contact) return false
      await session.all(setBlocked, { id: contact.id, blocked: until === undefined ? 1 : 0 })
      await session.all(setBan, { id: contact.id, until: until ?? 0 })
      return true
    },
    async takeCalls(contacts, moment, limits) {
      const answers: (CallRefusal | undefined)[] = []
      for (const group of inGroups(contacts)) {
        const refused = await takeOnce(session, group, moment, limits)
        for (const [index, id] of group) answers[index] = refused.get(id)
      }
      return contacts.map((_, index) => answers[index])
    },
  }
}

function toRestricted(row: RestrictedRow, now: number): RestrictedContact {
  const { channel, platform_id: platformId, name } = row
  const who = { channel, platformId, name }
  if (row.blocked === 1) return { ...who, state: 'blocked', until: undefined }
  if (row.banned_until > now) return { ...who, state: 'banned', until: row.banned_until }
  return { ...who, state: 'limited', until: row.over_until }
}

/** An upsert touches no row twice: whoever is there more than once is served by the next statement. */
function inGroups(contacts: readonly string[]): Map<number, string>[] {
  const groups: { places: Map<number, string>; ids: Set<string> }[] = []
  for (const [index, id] of contacts.entries()) {
    let group = groups.find(({ ids }) => !ids.has(id))
    if (!group) groups.push((group = { places: new Map(), ids: new Set() }))
    group.places.set(index, id)
    group.ids.add(id)
  }
  return groups.map(({ places }) => places)
}

/** Takes a call of each; those that were refused, and why. */
async function takeOnce(
  session: Session,
  group: Map<number, string>,
  { now, dayEnd }: { now: number; dayEnd: number },
  limits: CallLimits,
): Promise<Map<string, CallRefusal>> {
  const ids = [...group.values()].sort()
  const granted = await session.each(takeCalls, {
    wanted: ids.map((id) => ({ id })),
    now,
    day_end: dayEnd,
    session_start: now - limits.sessionMs,
    latest: now + skewMs,
    longest_day: now + longestDayMs + skewMs,
    per_session: limits.perSession,
    per_day: limits.perDay,
  })
  if (granted.length === ids.length) return new Map()
  const taken = new Set(granted.map((row) => row.contact_id))
  const refused = ids.filter((id) => !taken.has(id))
  const rows = await session.each(callsTaken, { wanted: refused.map((id) => ({ id })) })
  return new Map(
    rows.map((row) => {
      const day = { reason: 'day' as const, limit: limits.perDay, until: row.call_day_end }
      const ofSession = {
        reason: 'session' as const,
        limit: limits.perSession,
        until: row.called_at + limits.sessionMs,
      }
      const dayIsFull = row.call_day_end > now && row.day_calls >= limits.perDay
      return [row.contact_id, dayIsFull ? day : ofSession]
    }),
  )
}
