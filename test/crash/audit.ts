import { budgetUsd } from './launch.ts'
import type { Town } from './town.ts'

/** What must hold of the budget at every instant, whatever dies: selects the days that break it. */
const broken = `select * from budget_days where spent < 0 or spent + reserved > ${budgetUsd * 1e6} or reserved <> (
  select coalesce(sum(amount), 0) from reservations where reservations.day = budget_days.day)`

/** Of each table: what must not be in it once everything is answered and no process runs any more. */
const left: Record<string, string> = {
  messages: `select conversation_id, seq, author, state, attempts, error from messages
    where state not in ('handled', 'sent') order by conversation_id, seq`,
  conversations: `select id, lane_token, lease_token from conversations
    where lane_token is not null or lease_token is not null`,
}
/** Faults told of each. */
const mostTold = 5

const everyMs = 500

/** Looks at the tables past the application. */
export interface Audit {
  /** How often it saw them. */
  looks(): number
  /** A last look, which must not fail: by now no process runs. */
  end(): Promise<void>
}

export type Ask = Town['ask']

/** Looks now and then until the end; at the embedded database only then (`Town.ask`). */
export function startAudit(
  { ask, database }: Pick<Town, 'ask' | 'database'>,
  fault: (what: string) => void,
): Audit {
  let seen = 0
  const tell = async (table: string, sql: string, most: number): Promise<void> => {
    for (const row of (await ask(sql)).slice(0, most)) fault(`${table}: ${JSON.stringify(row)}`)
  }
  const look = async (): Promise<void> => {
    await tell('budget_days', broken, 1)
    seen += 1
  }
  let looking: Promise<void> = Promise.resolve()
  // The server may be away, or its tables not there yet; it is asked again.
  const again = (): void => void (looking = looking.then(look).catch(() => undefined))
  const timer = database ? setInterval(again, everyMs) : undefined
  return {
    looks: () => seen,
    async end() {
      clearInterval(timer)
      await looking
      try {
        await look()
        for (const [table, sql] of Object.entries(left)) await tell(table, sql, mostTold)
        if ((await ask('select * from budget_days')).length === 0) fault('budget_days: nothing was counted')
      } catch (error) {
        fault(`the tables cannot be looked at: ${String(error)}`)
      }
    },
  }
}
