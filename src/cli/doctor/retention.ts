import type { Config } from '../../config/config.ts'
import { retentionLeases, type Store } from '../../store/store.ts'
import { type Item, ok, warn } from './item.ts'

const dayMs = 86_400_000

/** How long things are kept, and whether what is older is deleted. */
export async function checkRetention(
  {
    retention: { conversationDays, traceDays, budgetDays },
    timezone,
  }: Pick<Config, 'retention' | 'timezone'>,
  { read }: { read: { leases: Pick<Store['read']['leases'], 'until'> } },
  now: number,
): Promise<Item[]> {
  const kept = (days: number | undefined): string => (days === undefined ? 'for ever' : `${days} days`)
  const found = `messages ${kept(conversationDays)}, traces ${kept(traceDays)}, costs ${kept(budgetDays)} (${timezone})`
  const doneUntil = await read.leases.until(retentionLeases.rest)
  if (doneUntil === undefined) return [ok('retention', `${found}; nothing was looked through yet`)]
  if (doneUntil > now) return [ok('retention', `${found}; done for today`)]
  // It runs in the first minute of a day, and takes a while where there is much.
  if (doneUntil > now - dayMs)
    return [ok('retention', `${found}; due since ${new Date(doneUntil).toISOString()}`)]
  const since = `not done since ${new Date(doneUntil).toISOString()}`
  return [warn('retention', `${found}; ${since}`, 'start Parley, or look for "retention" in its log')]
}
