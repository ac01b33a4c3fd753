import { randomBytes } from 'node:crypto'
import type { Allowance, Allowances, Lack } from '../coordination.ts'
import { type Run, scriptOf } from './script.ts'
import { createTaking } from './taking.ts'

/** What is closed for longer already stays so. */
const close = scriptOf(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '', 'PX', ARGV[1]) end`)

/** Says that this process takes, and forgets those that did not say so for a minute. */
const join = scriptOf(`
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60)
redis.call('EXPIRE', KEYS[1], 60)`)

const joinEveryMs = 10_000
/** Nobody knows how many there are before Redis was ever reached; who names a Redis has more than one. */
const supposed = 2
/** Who is missing may only have been forgotten with all that Redis knew: their share is theirs for so long. */
const missingMs = 60_000
/** Redis is away when it did not answer so many times in a row, each so long after the one before, in milliseconds. */
const mostFailures = 3
const failureMs = 200
/** What others took a moment ago is not known when the way of counting changes; longer windows begin anew, in milliseconds. */
const longestPause = 5000

interface AllowanceNeeds {
  run: Run
  prefix: string
  /** Counts for this process while Redis is away: its share. */
  alone: Allowances
}

/** Allowances that all processes share. Without Redis each has its share of what it knows how many they are. */
export function createRedisAllowances({ run, prefix, alone }: AllowanceNeeds): Allowances {
  const takers = createTakers(run, `${prefix}:takers`)
  const failing = createFailing()
  const ask = createTaking({ run, prefix, takers })

  async function takeAlone(allowances: readonly Allowance[]): Promise<Lack | undefined> {
    const wait = pauseSince(failing.since(), allowances)
    const lack = wait ?? (await alone.take(allowances.map((one) => shareOf(one, takers.most()))))
    if (!lack) failing.tookAlone()
    return lack
  }

  return {
    async take(allowances) {
      takers.join()
      const askedAt = performance.now()
      try {
        const lack = await ask(allowances)
        failing.ended()
        return pauseSince(failing.backSince(), allowances) ?? lack
      } catch {
        failing.failed(askedAt)
        const brief = failing.isAway() ? undefined : lackOf(failureMs, allowances)
        return brief ?? takeAlone(allowances)
      }
    },
    async close(key, ms) {
      await alone.close(key, ms)
      const input = { keys: [`${prefix}:closed:${key}`], args: [Math.ceil(ms)] }
      await run('count', close, () => input).catch(() => undefined)
    },
  }
}

/** The processes that take, this one among them. */
function createTakers(run: Run, key: string) {
  const name = randomBytes(6).toString('hex')
  let joinedAt = Number.NEGATIVE_INFINITY
  let last = 0
  let most = supposed
  let mostAt = Number.NEGATIVE_INFINITY

  function joinNow(): void {
    joinedAt = performance.now()
    run('count', join, () => ({ keys: [key], args: [name] })).catch(() => {
      joinedAt = Number.NEGATIVE_INFINITY
    })
  }

  return {
    key,
    join(): void {
      if (performance.now() - joinedAt >= joinEveryMs) joinNow()
    },
    counted(known: number): void {
      const now = performance.now()
      if (known < last) joinNow()
      last = known
      if (known < most && now - mostAt < missingMs) return
      most = Math.max(1, known)
      mostAt = now
    },
    most: () => most,
  }
}

/** Takes that had no answer in a row: a Redis that is slow now and then is not away. */
function createFailing() {
  let failures = 0
  let since = 0
  let last = Number.NEGATIVE_INFINITY
  let isTaken = false
  let back = Number.NEGATIVE_INFINITY
  const isAway = (): boolean => failures >= mostFailures
  return {
    failed(askedAt: number): void {
      // All that were under way in one bad moment are one.
      if (failures > 0 && askedAt - last < failureMs) return
      last = performance.now()
      if (failures === 0) since = last
      failures += 1
    },
    tookAlone(): void {
      isTaken = true
    },
    ended(): void {
      // A pause that still runs is not begun anew.
      if (isAway()) back = isTaken ? performance.now() : since
      failures = 0
      isTaken = false
    },
    isAway,
    /** Since when it gives no answer. */
    since: () => since,
    /** Since when nobody takes alone any more. */
    backSince: () => back,
  }
}

/** Between what was taken together and what is taken alone lies a window in which nothing is taken. */
function pauseSince(time: number, allowances: readonly Allowance[]): Lack | undefined {
  const longest = Math.max(0, ...allowances.filter(({ count }) => count > 0).map(({ ms }) => ms))
  return lackOf(Math.min(longest, longestPause) - (performance.now() - time), allowances)
}

/** Told of the allowance with the longest window; what has no limit lacks nothing. */
function lackOf(ms: number, allowances: readonly Allowance[]): Lack | undefined {
  const limited = allowances.filter(({ count }) => count > 0)
  const [longest] = limited.toSorted((one, other) => other.ms - one.ms)
  return longest && ms > 0 ? { key: longest.key, ms: Math.ceil(ms), closed: false } : undefined
}

/** So much that all shares together are not more than the whole. */
function shareOf(allowance: Allowance, processes: number): Allowance {
  const { count, ms } = allowance
  const part = Math.floor(count / processes)
  if (count === 0 || part > 0) return { ...allowance, count: part }
  return { ...allowance, count: 1, ms: Math.ceil((ms * processes) / count) }
}
