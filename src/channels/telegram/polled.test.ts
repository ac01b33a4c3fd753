import { expect, test, vi } from 'vitest'
import { createPolledLook } from './polled.ts'

/** The processes of one bot: the lease of the one that polls, or did, and the clocks of the one that looks. */
function setUp() {
  const at = { now: 1_000_000, steady: 0 }
  const lease = { until: undefined as number | undefined, isAway: false, isSilent: false }
  const look = createPolledLook({
    lease: {
      async until() {
        if (lease.isSilent) await new Promise(() => undefined)
        if (lease.isAway) throw new Error('the store is away')
        return lease.until
      },
    },
    name: 'telegram:1',
    clock: { now: () => at.now },
    steady: { now: () => at.steady },
  })
  const pass = (ms: number): void => {
    at.now += ms
    at.steady += ms
  }
  const state = async () => (await look()).state
  /** Looks every five seconds for so long; the states that were seen, each once in a row. */
  async function states(seconds: number, heartbeat?: () => void): Promise<string[]> {
    const seen: string[] = []
    for (let passed = 0; passed < seconds; passed += 5) {
      pass(5000)
      heartbeat?.()
      const now = await state()
      if (now !== seen.at(-1)) seen.push(now)
    }
    return seen
  }
  const beat = (): void => void (lease.until = at.now + 9000)
  return { at, lease, look, state, states, beat }
}

test('who polls is seen at once; nobody, after as long as a poller may be away', async () => {
  const { look, state, states, beat, lease } = setUp()
  expect(await state()).toBe('starting')
  expect(await states(60)).toEqual(['starting', 'down'])
  expect(await look()).toMatchObject({ detail: expect.stringContaining('--role poller'), fault: 'unfetched' })
  beat()
  expect(await states(60, beat)).toEqual(['up'])
  lease.until = undefined
  expect(await states(30)).toEqual(['up'])
  expect(await states(60, beat)).toEqual(['up'])
  // Killed, it gives nothing back.
  expect(await states(60)).toEqual(['up', 'down'])
  const other = setUp()
  other.beat()
  expect(await other.state()).toBe('up')
})

test('while the store is away nothing changes, and after that a poller gets its time to come back', async () => {
  const { states, state, beat, lease } = setUp()
  beat()
  expect(await state()).toBe('up')
  lease.isAway = true
  expect(await states(600)).toEqual(['up'])
  lease.isAway = false
  expect(await states(30)).toEqual(['up'])
  expect(await states(60)).toEqual(['up', 'down'])
})

test('a store that does not answer holds nobody up for long', async () => {
  vi.useFakeTimers()
  try {
    const { state, beat, lease } = setUp()
    beat()
    expect(await state()).toBe('up')
    lease.isSilent = true
    const looked = state()
    await vi.advanceTimersByTimeAsync(2000)
    expect(await looked).toBe('up')
  } finally {
    vi.useRealTimers()
  }
})

test('the clock of a poller may be wrong', async () => {
  const { states, state, lease, at } = setUp()
  const behind = (): void => void (lease.until = at.now - 3_600_000)
  behind()
  expect(await state()).toBe('starting')
  expect(await states(60, behind)).toEqual(['up'])
  const ahead = (): void => void (lease.until = at.now + 3_600_000)
  expect(await states(60, ahead)).toEqual(['up'])
  expect(await states(60)).toEqual(['up', 'down'])
})
