import { createBudget } from '../../app/budget.ts'
import type { LivePurse } from '../../app/purse.ts'
import type { Config } from '../../config/config.ts'
import { newId } from '../../model/ids.ts'
import { systemClock } from '../../model/time.ts'
import { createEvents } from '../../ops/events.ts'
import { silentLog } from '../../ops/log.ts'
import { createMetrics } from '../../ops/metrics.ts'
import { openUsable } from './database.ts'

/**
 * Lets `use` pay from the budget of the day, where there is a database to keep it. `embedded`: where the embedded one is, or
 * was.
 */
export async function withPurse<T>(
  config: Config,
  embedded: string,
  use: (purse: LivePurse | undefined) => Promise<T>,
): Promise<T> {
  // What is the matter with it, the check of the database says.
  const store = await openUsable(config.database, embedded).catch(() => undefined)
  if (!store) return use(undefined)
  const purse = createBudget(config, {
    bot: () => config.bot,
    store,
    events: createEvents({ log: silentLog, metrics: createMetrics({ process: false }) }),
    clock: systemClock,
    holder: newId(),
  })
  try {
    return await use(purse)
  } finally {
    await purse.stop()
    await store.close()
  }
}
