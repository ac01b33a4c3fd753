import type { Config } from '../../config/config.ts'
import type { Store } from '../../store/store.ts'
import { describeBacklog, findStranded, nameOf } from '../stranded.ts'
import { type Item, warn } from './item.ts'

/** What waits for bots that this configuration does not have; nothing to say where there is none. */
export async function checkStranded(config: Config, store: Store): Promise<Item[]> {
  return (await findStranded(store, config)).map((backlog) => {
    const name = nameOf(backlog)
    const next = `parley outbox shows it; set that bot's token, or if it never runs again: parley outbox drop --waiting-for ${name}`
    return warn('backlog', `${describeBacklog(backlog)}, for ${name}, which is not configured here`, next)
  })
}
