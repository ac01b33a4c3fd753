import { afterEach, expect, test, vi } from 'vitest'
import { createTestStore } from '../../test/support/stores.ts'
import type { Allowances } from '../coordination/coordination.ts'
import { createMemoryAllowances } from '../coordination/memory/allowances.ts'
import { systemClock } from '../model/time.ts'
import { createPace } from './pace.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('what is closed for minutes stays so in every process when all that was counted is forgotten', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const place = await createTestStore('sqlite')
  let counted = createMemoryAllowances()
  const allowances: Allowances = {
    take: (asked) => counted.take(asked),
    close: (key, ms) => counted.close(key, ms),
  }
  let reads = 0
  const { read, write } = place.store
  const closedUntil = (name: string, now: number): Promise<number> => {
    reads += 1
    return read.leases.closedUntil(name, now)
  }
  const store = { read: { ...read, leases: { ...read.leases, closedUntil } }, write }
  const events = { faulted: ({ err }: { err: unknown }) => expect.unreachable(String(err)) }
  const start = () => createPace('telegram:1', { allowances, store, events, clock: systemClock })
  const [told, other] = [start(), start()]
  const want = [{ key: 'telegram:1', count: 30, ms: 1000 }]
  try {
    expect(await other.take(want)).toBeUndefined()
    await told.close('telegram:1', 300_000)
    await told.close('telegram:1:-5', 300_000)
    expect(await read.leases.until('closed:telegram:1:-5')).toBeUndefined()
    counted = createMemoryAllowances()
    vi.advanceTimersByTime(5000)
    expect(await other.take(want)).toMatchObject({ closed: true })
    expect(await other.take(want)).toMatchObject({ closed: true })
    expect(reads).toBe(2)
  } finally {
    await place.drop()
  }
})
