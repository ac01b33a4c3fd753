import type { DatabaseConfig } from '../../config/config.ts'
import { fail, type Item, ok, skip } from './item.ts'

/** Leases and retries compare times of several machines. */
const toleratedMs = 2000

/** Whether this machine and the database server agree on the time. An embedded database has no clock of its own. */
export async function checkDatabaseClock(config: DatabaseConfig): Promise<Item[]> {
  if (config.kind === 'sqlite') return [skip('clock', 'the embedded database uses the clock of this machine')]
  const { default: pg } = await import('pg')
  const connect = async () => {
    const client = new pg.Client({ connectionString: config.url, connectionTimeoutMillis: 4000 })
    await client.connect()
    return client
  }
  const client = await connect().catch(() => undefined)
  if (!client) return [skip('clock', 'the database does not answer')]
  try {
    const asked = Date.now()
    const { rows } = await client.query<{ ms: string }>(
      'select extract(epoch from clock_timestamp()) * 1000 as ms',
    )
    return [judgeClock(Number(rows[0]?.ms) - (asked + Date.now()) / 2)]
  } finally {
    await client.end()
  }
}

export function judgeClock(offsetMs: number): Item {
  const seconds = (Math.abs(offsetMs) / 1000).toFixed(1)
  if (Math.abs(offsetMs) <= toleratedMs) return ok('clock', `${seconds} s from the clock of the database`)
  const direction = offsetMs > 0 ? 'behind' : 'ahead of'
  return fail(
    'clock',
    `${seconds} s ${direction} the clock of the database`,
    'synchronise both machines with NTP (timedatectl)',
  )
}
