import { statfs } from 'node:fs/promises'
import type { Metrics } from './metrics.ts'
import { soon } from './soon.ts'

/** What a process depends on and cannot mend. */
export interface SurroundingSources {
  /** Rejects when it does not answer. */
  dependencies: Readonly<Record<string, () => Promise<void>>>
  /** When old rows are due to be deleted; `undefined`: the installation has not begun. */
  retentionDue(): Promise<number | undefined>
  /** Of the disk that holds the data, 0 to 1. */
  diskFree(): Promise<number>
  /** Milliseconds since the epoch. */
  now(): number
}

/** A scrape must end, above all when something hangs. */
export async function readSurroundings(metrics: Metrics, sources: SurroundingSources): Promise<void> {
  await Promise.all([
    ...Object.entries(sources.dependencies).map(async ([dependency, check]) =>
      metrics.dependencies.set({ dependency }, (await answers(check)) ? 1 : 0),
    ),
    readRetention(metrics, sources),
    readDisk(metrics, sources),
  ])
  metrics.clock.set(sources.now() / 1000)
}

const answers = (check: () => Promise<void>): Promise<boolean> =>
  soon(check()).then(
    () => true,
    () => false,
  )

async function readRetention({ retentionOverdue }: Metrics, sources: SurroundingSources): Promise<void> {
  try {
    retentionOverdue.set(overdueMs(await soon(sources.retentionDue()), sources.now()) / 1000)
  } catch {
    retentionOverdue.remove()
  }
}

/** How long old rows have been due to be deleted, in milliseconds. */
export const overdueMs = (due: number | undefined, now: number): number => Math.max(0, now - (due ?? now))

async function readDisk({ diskFree }: Metrics, sources: SurroundingSources): Promise<void> {
  try {
    diskFree.set(await soon(sources.diskFree()))
  } catch {
    diskFree.remove()
  }
}

/** Free part of the disk that holds a folder, as far as this user may fill it. */
export async function freePartOfDisk(folder: string): Promise<number> {
  const { bavail, blocks } = await statfs(folder)
  return blocks === 0 ? 1 : bavail / blocks
}
