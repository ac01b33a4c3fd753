import type { Metrics } from './metrics.ts'
import { soon } from './soon.ts'
import { readSurroundings, type SurroundingSources } from './surroundings.ts'

/** Where the gauges come from; asked at every scrape. */
export interface GaugeSources extends SurroundingSources {
  backlog(): Promise<{ received: number; queued: number; oldest: number | undefined; failed: number }>
  /** Of today, in USD. */
  spending(): Promise<{ spent: number; limit: number }>
  /** When the latest proven one was taken; `undefined`: there is none. */
  backup(): Promise<number | undefined>
  /** 0 to 1. */
  poolUsage(): number
  channels(): { name: string; up: boolean }[]
}

export interface Scrape {
  contentType: string
  /**
   * The page Prometheus reads. A source that fails leaves its gauges out, for an old number would be a lie.
   * Scrapes at the same moment share one reading.
   */
  page(): Promise<string>
}

export function createScrape(metrics: Metrics, sources: GaugeSources): Scrape {
  let running: Promise<string> | undefined
  const read = async () => {
    readChannels(metrics, sources)
    await Promise.all([
      readBacklog(metrics, sources),
      readSpending(metrics, sources),
      readSurroundings(metrics, sources),
      readBackup(metrics, sources),
    ])
    return metrics.registry.metrics()
  }
  return {
    contentType: metrics.registry.contentType,
    page() {
      running ??= read().finally(() => {
        running = undefined
      })
      return running
    },
  }
}

function readChannels(metrics: Metrics, sources: GaugeSources): void {
  metrics.poolUsage.set(sources.poolUsage())
  for (const channel of sources.channels())
    metrics.channelUp.set({ channel: channel.name }, channel.up ? 1 : 0)
}

async function readBacklog(metrics: Metrics, sources: GaugeSources): Promise<void> {
  const { backlog, backlogAge, deadLettersWaiting } = metrics
  try {
    const found = await soon(sources.backlog())
    backlog.set({ state: 'received' }, found.received)
    backlog.set({ state: 'queued' }, found.queued)
    backlogAge.set(found.oldest === undefined ? 0 : Math.max(0, sources.now() - found.oldest) / 1000)
    deadLettersWaiting.set(found.failed)
  } catch {
    // The database is down, which its own probe reports.
    backlog.reset()
    backlogAge.remove()
    deadLettersWaiting.remove()
  }
}

async function readSpending(metrics: Metrics, sources: GaugeSources): Promise<void> {
  const { llmDailyCost, llmDailyBudget } = metrics
  try {
    const { spent, limit } = await soon(sources.spending())
    llmDailyCost.set(spent)
    llmDailyBudget.set(limit)
  } catch {
    llmDailyCost.remove()
    llmDailyBudget.remove()
  }
}

async function readBackup({ backupAge }: Metrics, sources: GaugeSources): Promise<void> {
  try {
    const takenAt = await soon(sources.backup())
    backupAge.set(
      takenAt === undefined ? Number.POSITIVE_INFINITY : Math.max(0, sources.now() - takenAt) / 1000,
    )
  } catch {
    backupAge.remove()
  }
}
