import type { Sign } from '../../jobs/alerts.ts'
import type { Clock } from '../../model/time.ts'
import type { Store } from '../../store/store.ts'

const withinMs = 30 * 60_000
/** The first of them, and more than two again. Each is a named lease, closed for half an hour when it was used. */
const starts = [0, 1, 2, 3].map((index) => `start.${index}`)

/** The same process has started again and again. Of whoever is alone on its database: others would count as the same. */
export function createRestartSign({
  store,
  clock,
}: {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
}): Sign {
  let isCounted = false
  return {
    kind: 'restarts',
    forMs: 0,
    async look() {
      const now = clock.now()
      if (!isCounted) await countStart(store, now)
      isCounted = true
      const ends = await Promise.all(starts.map((name) => store.read.leases.closedUntil(name, now)))
      return ends.every((end) => end > now) ? { kind: 'restarts', starts: starts.length } : undefined
    },
  }
}

/** In the place of the one that is the longest ago. */
async function countStart(store: Pick<Store, 'write'>, now: number): Promise<void> {
  await store.write(async (tx) => {
    const ends: [name: string, end: number][] = []
    for (const name of starts) ends.push([name, await tx.leases.closedUntil(name, now)])
    const [oldest] = ends.toSorted(([, a], [, b]) => a - b)
    if (!oldest) return
    await tx.leases.close(oldest[0], now, now + withinMs)
  })
}
