import { expect, test } from 'vitest'
import { type Lease, whileHolding } from './lease.ts'

const times = { leaseMs: 600, heartbeatMs: 200, lookMs: 30 }

/** A store of leases for several processes; `dead` ones can neither take nor extend. */
function createLeases() {
  let held: { holder: string; until: number } | undefined
  const dead = new Set<string>()
  const of = (holder: string): Lease => ({
    async hold(_name, ms) {
      if (dead.has(holder)) throw new Error('the store is away')
      if (held && held.holder !== holder && held.until > performance.now()) return false
      held = { holder, until: performance.now() + ms }
      return true
    },
    async release() {
      if (held?.holder === holder) held = undefined
    },
    until: async () => held?.until,
  })
  return { of, dead, until: () => held?.until ?? 0 }
}

test('one works at a time; when it is cut off its work ends before another begins', async () => {
  const leases = createLeases()
  const stop = new AbortController()
  const story: string[] = []
  const leftMs: number[] = []
  let working = 0
  const run = (name: string) =>
    whileHolding({
      lease: leases.of(name),
      name: 'poller',
      signal: stop.signal,
      times,
      waiting: () => undefined,
      async work(signal) {
        working += 1
        expect(working).toBe(1)
        story.push(name)
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        working -= 1
        leftMs.push(leases.until() - performance.now())
      },
    })
  const first = run('first')
  await expect.poll(() => story).toEqual(['first'])
  const second = run('second')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(story).toEqual(['first'])
  leases.dead.add('first')
  await expect.poll(() => story, { timeout: 5000 }).toEqual(['first', 'second'])
  expect(leftMs[0]).toBeGreaterThan(0)
  stop.abort()
  await Promise.all([first, second])
  expect(working).toBe(0)
})
