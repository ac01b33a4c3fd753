import type { CrashDatabase } from './servers/database.ts'

/** What must hold of a table at every instant, whatever dies. */
interface Rule {
  /** Looked at where there is such a table. */
  table: string
  /** Selects the rows that break it. */
  broken: string
}

const rules: readonly Rule[] = [
  {
    table: 'budget_days',
    broken: `select * from budget_days where spent < 0 or reserved <> (
      select coalesce(sum(amount), 0) from reservations where reservations.day = budget_days.day)`,
  },
]

const everyMs = 500

/** Looks at the tables now and then, past the application; returns how to stop. */
export function startAudit(
  database: CrashDatabase | undefined,
  fault: (what: string) => void,
): () => Promise<void> {
  let looking: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    for (const { table, broken } of rules) {
      const there = await database?.ask(`select 1 where to_regclass('${table}') is not null`)
      const rows = there && there.length > 0 ? await database?.ask(broken) : []
      if (rows && rows.length > 0) fault(`${table}: ${JSON.stringify(rows[0])}`)
    }
  }
  const timer = setInterval(() => {
    // The server may be away; it is asked again.
    looking = looking.then(look).catch(() => undefined)
  }, everyMs)
  return () => {
    clearInterval(timer)
    return looking
  }
}
