import type { Config } from '../../config/config.ts'
import { retentionDue, retentionLeases, type Store } from '../../store/store.ts'
import { type Item, ok, warn } from './item.ts'

const dayMs = 86_400_000

/** How long things are kept, and whether what is older is deleted. */
export async function checkRetention(
  {
    retention: { conversationDays, traceDays, budgetDays },
    timezone,
  }: Pick<Config, 'retention' | 'timezone'>,
  store: { read: { leases: Pick<Store['read']['leases'], 'until'> } } & Pick<Store, 'begunAt'>,
  now: number,
): Promise<Item[]> {
  const kept = (days: number | undefined): string => (days === undefined ? 'for ever' : `${days} days`)
  const found = `messages ${kept(conversationDays)}, traces ${kept(traceDays)}, costs ${kept(budgetDays)} (${timezone})`
  const due = (await retentionDue(store)) ?? now
  const isLate = due <= now - dayMs
  if ((await store.read.leases.until(retentionLeases.rest)) === undefined)
    return [
      isLate
        ? late(`${found}; never done, and this installation began ${new Date(due).toISOString()}`)
        : ok('retention', `${found}; nothing was looked through yet`),
    ]
  if (due > now) return [ok('retention', `${found}; done for today`)]
  // It runs in the first minute of a day, and takes a while where there is much.
  const since = new Date(due).toISOString()
  return [
    isLate ? late(`${found}; not done since ${since}`) : ok('retention', `${found}; due since ${since}`),
  ]
}

const late = (found: string): Item =>
  warn('retention', found, 'start Parley, or look for "retention" in its log')
