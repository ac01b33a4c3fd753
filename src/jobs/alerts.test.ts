import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createTurnedClock } from '../../test/support/clock.ts'
import { createTestStore, databaseKinds, type TestStore } from '../../test/support/stores.ts'
import type { Alert } from '../model/alert.ts'
import { type AlertJob, createAlerts } from './alerts.ts'

const everyMs = 5
const patience = { timeout: 5000, interval: 2 }

describe.each(databaseKinds)('on %s', (kind) => {
  let place: TestStore
  beforeAll(async () => {
    place = await createTestStore(kind)
  })
  afterAll(() => place.drop())

  const clock = createTurnedClock('2026-03-01T10:00:00Z')
  const wrong = new Set<Alert['kind']>()
  const told: string[] = []
  const jobs: AlertJob[] = []
  let perHour = 3
  const kinds = ['pool', 'redis', 'overload', 'conflict'] as const
  let known = true

  async function begin(holder: string): Promise<void> {
    const job = createAlerts({
      store: await place.another(),
      signs: kinds.map((each) => ({
        kind: each,
        forMs: 60_000,
        look: async () => {
          if (each === kinds[0]) asked.set(holder, (asked.get(holder) ?? 0) + 1)
          if (!known) throw new Error('who knows')
          return wrong.has(each) ? { kind: each } : undefined
        },
      })),
      perHour: () => perHour,
      post: async (_tx, alert) => void told.push('over' in alert ? `${alert.over} over` : `${alert.kind}`),
      events: {
        alertTold: () => undefined,
        alertOver: () => undefined,
        faulted: ({ err }) => void told.push(String(err)),
      },
      clock,
      holder,
      everyMs,
    })
    asked.set(holder, 0)
    job.start()
    jobs.push(job)
  }
  const asked = new Map<string, number>()
  /** Every process has looked, and told what there was to tell. */
  async function looks(): Promise<void> {
    const wanted = new Map([...asked].map(([holder, times]) => [holder, times + 3]))
    await vi.waitFor(() => {
      for (const [holder, times] of wanted) expect(asked.get(holder)).toBeGreaterThanOrEqual(times)
    }, patience)
  }
  /** Time goes by as it does between looks. */
  async function passes(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 30) {
      clock.passes(Math.min(left, 30) * 1000)
      await looks()
    }
  }
  const after = async (seconds: number): Promise<string[]> => {
    await passes(seconds)
    return told.splice(0)
  }

  test('once an episode, in however many processes, and once when it is over', async () => {
    await begin('one')
    await begin('two')
    wrong.add('pool')
    await looks()
    expect(await after(30)).toEqual([])
    expect(await after(60)).toEqual(['pool'])
    expect(await after(300)).toEqual([])
    wrong.delete('pool')
    expect(await after(60)).toEqual([])
    expect(await after(90)).toEqual(['pool over'])
    expect(await after(300)).toEqual([])
  })

  test('what cannot be known is as it was; what is over before it is told is never told', async () => {
    wrong.add('redis')
    await looks()
    known = false
    wrong.delete('redis')
    expect(await after(90)).toEqual(['redis'])
    expect(await after(180)).toEqual([])
    known = true
    wrong.add('overload')
    await passes(30)
    wrong.delete('overload')
    // The third note of this hour was for the episode above; it is told when there is one left.
    expect(await after(300)).toEqual([])
  })

  test('never more than so many in an hour; what waits is told later if it is still so', async () => {
    wrong.add('conflict')
    expect(await after(300)).toEqual([])
    clock.passes(3_600_000)
    await looks()
    expect((await after(60)).toSorted()).toEqual(['conflict', 'redis over'])
  })

  test('an episode goes on over a restart, and none are told where none are wanted', async () => {
    await Promise.all(jobs.splice(0).map((job) => job.stop()))
    asked.clear()
    perHour = 9
    await begin('three')
    expect(await after(180)).toEqual([])
    perHour = 0
    wrong.clear()
    clock.passes(300_000)
    await sleep(everyMs * 10)
    expect(told).toEqual([])
    perHour = 9
    expect(await after(180)).toEqual(['conflict over'])
    await Promise.all(jobs.splice(0).map((job) => job.stop()))
  })

  test('a clock that was ahead for a while leaves neither episodes nor notes behind', async () => {
    const years = 10 * 365 * 86_400_000
    clock.passes(years)
    asked.clear()
    perHour = 2
    await begin('four')
    wrong.add('pool')
    wrong.add('redis')
    await looks()
    expect((await after(90)).toSorted()).toEqual(['pool', 'redis'])
    clock.passes(-years)
    wrong.delete('redis')
    expect(await after(60)).toEqual([])
    expect(await after(120)).toEqual(['redis over'])
    wrong.clear()
    expect(await after(180)).toEqual(['pool over'])
    // Both notes of this hour are used, by the right clock.
    wrong.add('overload')
    expect(await after(180)).toEqual([])
    await Promise.all(jobs.splice(0).map((job) => job.stop()))
  })

  test('what sets a gauge is looked at from the start, also where no notes are wanted', async () => {
    const looked: string[] = []
    const sign = (each: Alert['kind'], measures?: true) => ({
      kind: each,
      forMs: 0,
      look: async () => {
        looked.push(each)
        return { kind: 'pool' as const }
      },
      ...(measures && { measures }),
    })
    const job = createAlerts({
      store: await place.another(),
      signs: [sign('pool'), sign('certificate', true)],
      perHour: () => 0,
      post: async () => void told.push('a note'),
      events: { alertTold: () => undefined, alertOver: () => undefined, faulted: () => undefined },
      clock,
      holder: 'five',
      everyMs: 3_600_000,
    })
    job.start()
    await job.stop()
    expect(looked).toEqual(['certificate'])
    expect(told).toEqual([])
  })
})
