import type { Config } from '../../config/config.ts'
import type { AccountBacklog, Store } from '../../store/store.ts'
import { ageText } from '../amounts.ts'
import { describeBacklog, findWaiting, nameOf, totalOf } from '../waiting.ts'
import { type Item, ok, warn } from './item.ts'

/** What waits for the bots of this configuration, and what waits for others, where something does. */
export async function checkBacklog(config: Config, store: Store, now: number): Promise<Item[]> {
  const { own, stranded } = await findWaiting(store, config)
  return [judgeOwn(own, now), ...stranded.map(judgeStranded)]
}

function judgeOwn(backlogs: AccountBacklog[], now: number): Item {
  const { received, queued, oldestMs, isOld } = totalOf(backlogs, now)
  const found = `${received} to answer, ${queued} to deliver`
  return isOld
    ? warn('backlog', `${found}, the oldest for ${ageText(oldestMs)}`, tooOld)
    : ok('backlog', found)
}

const tooOld =
  'where no server runs, parley start; where roles are apart and no worker runs, parley start --role worker; else docs/runbooks/backlog-old.md says why, by the log and by what the checks here found'

function judgeStranded(backlog: AccountBacklog): Item {
  const name = nameOf(backlog)
  const next = `parley outbox shows it; set that bot's token, or if it never runs again: parley outbox drop --waiting-for ${name}`
  return warn('backlog', `${describeBacklog(backlog)}, for ${name}, which is not configured here`, next)
}
