import { type Session, statement } from './dialect/dialect.ts'
import { isOver, latestEnd } from './lease-time.ts'
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

const ends = statement<{ name: string }, { until: number }>(
  () => 'select until from leases where name = :name',
)

export function createLeaseReader(session: Session): LeaseReader {
  return {
    async until(name) {
      return (await session.all(ends, { name }))[0]?.until
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
  }
}
