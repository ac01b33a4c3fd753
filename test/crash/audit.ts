import { budgetUsd } from './launch.ts'
import type { Town } from './town.ts'

/** What must hold of the budget at every instant, whatever dies: selects the days that break it. */
const broken = `select * from budget_days where spent < 0 or spent + reserved > ${budgetUsd * 1e6} or reserved <> (
  select coalesce(sum(amount), 0) from reservations where reservations.day = budget_days.day)`

const everyMs = 500

/** Looks at the tables past the application. */
export interface Audit {
  /** How often it saw them. */
  looks(): number
  /** A last look, which must not fail. */
  end(): Promise<void>
}

export type Ask = Town['ask']

/** Looks now and then until the end; at the embedded database only then (`Town.ask`). */
export function startAudit(
  { ask, database }: Pick<Town, 'ask' | 'database'>,
  fault: (what: string) => void,
): Audit {
  let seen = 0
  const look = async (): Promise<void> => {
    for (const row of (await ask(broken)).slice(0, 1)) fault(`budget_days: ${JSON.stringify(row)}`)
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
        if ((await ask('select * from budget_days')).length === 0) fault('budget_days: nothing was counted')
      } catch (error) {
        fault(`the tables cannot be looked at: ${String(error)}`)
      }
    },
  }
}
