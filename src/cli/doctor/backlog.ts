import type { Config } from '../../config/config.ts'
import type { AccountBacklog, Store } from '../../store/store.ts'
import { ageText } from '../amounts.ts'
import { describeBacklog, isOurs, nameOf } from '../stranded.ts'
import { type Item, ok, warn } from './item.ts'

/** From then on the alerts call it a backlog that is too old. */
const longestMs = 60_000

/** What waits for the bots of this configuration, and what waits for others, where something does. */
export async function checkBacklog(config: Config, store: Store, now: number): Promise<Item[]> {
  const backlogs = await store.read.accounts.backlogs()
  const ours = backlogs.filter((backlog) => isOurs(backlog, config))
  const others = backlogs.filter((backlog) => !isOurs(backlog, config))
  return [judgeOurs(ours, now), ...others.map(stranded)]
}

function judgeOurs(backlogs: AccountBacklog[], now: number): Item {
  const sum = (key: 'received' | 'queued'): number => backlogs.reduce((total, each) => total + each[key], 0)
  const found = `${sum('received')} to answer, ${sum('queued')} to deliver`
  const waits = now - Math.min(now, ...backlogs.map(({ oldest }) => oldest))
  if (waits <= longestMs) return ok('backlog', found)
  return warn('backlog', `${found}, the oldest for ${ageText(waits)}`, tooOld)
}

const tooOld =
  'where no server runs, parley start; else docs/runbooks/backlog-old.md says why, by the log and by what the checks here found'

function stranded(backlog: AccountBacklog): Item {
  const name = nameOf(backlog)
  const next = `parley outbox shows it; set that bot's token, or if it never runs again: parley outbox drop --waiting-for ${name}`
  return warn('backlog', `${describeBacklog(backlog)}, for ${name}, which is not configured here`, next)
}
