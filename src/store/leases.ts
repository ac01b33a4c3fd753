import { type Session, statement } from './dialect/dialect.ts'
import { isAhead, isOver, latestEnd, latestPast } from './lease-time.ts'
import type { LeaseReader, LeaseWriter } from './store.ts'

const hold = statement<
  { name: string; holder: string; now: number; until: number; latest: number },
  { holder: string }
>(
  () => `
    insert into leases (name, holder, until) values (:name, :holder, :until)
    on conflict (name) do update set holder = excluded.holder, until = excluded.until
      where leases.holder = excluded.holder or ${isOver('leases.until')}
    returning holder`,
)

const release = statement<{ name: string; holder: string }, never>(
  () => 'delete from leases where name = :name and holder = :holder',
)

/** The holder is the time it was closed. */
const close = statement<{ name: string; now: string; until: number; latest: number }, never>(
  () => `
    insert into leases (name, holder, until) values (:name, :now, :until)
    on conflict (name) do update set holder = excluded.holder, until = excluded.until
      where leases.until < excluded.until or cast(leases.holder as bigint) > :latest`,
)

const find = statement<{ name: string }, { holder: string; until: number }>(
  () => 'select holder, until from leases where name = :name',
)

const open = statement<{ name: string }, never>(() => 'delete from leases where name = :name')

export function createLeaseReader(session: Session): LeaseReader {
  return {
    async until(name) {
      return (await session.all(find, { name }))[0]?.until
    },
    async closedUntil(name, now) {
      const [found] = await session.all(find, { name })
      return found && !isAhead(Number(found.holder), now) ? found.until : 0
    },
    async closedSince(name, now) {
      const [found] = await session.all(find, { name })
      const since = Number(found?.holder)
      return found && found.until > now && !isAhead(since, now) ? since : undefined
    },
  }
}

export function createLeaseWriter(session: Session): LeaseWriter {
  return {
    ...createLeaseReader(session),
    async hold(name, holder, now, until) {
      const latest = latestEnd(now, until - now)
      const rows = await session.all(hold, { name, holder, now, until, latest })
      return rows.length > 0
    },
    async release(name, holder) {
      await session.all(release, { name, holder })
    },
    async close(name, now, until) {
      await session.all(close, {
        name,
        now: String(now),
        until: Math.ceil(until),
        latest: latestPast(now),
      })
    },
    async open(name) {
      await session.all(open, { name })
    },
  }
}
