import { createPurse } from '../../app/purse.ts'
import type { Config } from '../../config/config.ts'
import { newId } from '../../model/ids.ts'
import { systemClock } from '../../model/time.ts'
import { createEvents } from '../../ops/events.ts'
import { silentLog } from '../../ops/log.ts'
import { createMetrics } from '../../ops/metrics.ts'
import { soon } from '../../ops/soon.ts'
import type { Store } from '../../store/store.ts'
import { openUsable } from './database.ts'
import type { Payment } from './models.ts'

/**
 * Lets `use` pay from the budget of the day, where there is a database to keep it. Nobody is told when money runs short: a
 * question to each model, also to those that are seldom asked, says little of what people will be answered. `embedded`: where
 * the embedded database is, or was.
 */
export async function withPurse<T>(
  config: Config,
  embedded: string,
  use: (payment: Payment) => Promise<T>,
): Promise<T> {
  const opening = openUsable(config.database, embedded)
  try {
    await soon(opening)
  } catch {
    // What is the matter with it, its own check says.
    opening.then((store) => store?.close()).catch(() => undefined)
    return use('impossible')
  }
  const store = await opening
  return store ? payFrom(store, config, use) : use('uncounted')
}

async function payFrom<T>(
  store: Store,
  { timezone, models }: Config,
  use: (payment: Payment) => Promise<T>,
): Promise<T> {
  const purse = createPurse({
    store,
    budget: models.budget,
    zone: timezone,
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
