import { isPast, type Session, statement } from './dialect/dialect.ts'
import type { LeaseWriter } from './store.ts'

const hold = statement<{ name: string; holder: string; now: number; until: number }, { holder: string }>(
  () => `
    insert into leases (name, holder, until) values (:name, :holder, :until)
    on conflict (name) do update set holder = excluded.holder, until = excluded.until
      where leases.holder = excluded.holder or ${isPast('leases.until')}
    returning holder`,
)

const release = statement<{ name: string; holder: string }, never>(
  () => 'delete from leases where name = :name and holder = :holder',
)

export function createLeaseWriter(session: Session): LeaseWriter {
  return {
    async hold(name, holder, now, until) {
      const rows = await session.all(hold, { name, holder, now, until })
      return rows.length > 0
    },
    async release(name, holder) {
      await session.all(release, { name, holder })
    },
  }
}
