import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Allowance, Allowances, Lack } from '../coordination.ts'
import { inTime } from './in-time.ts'
import type { Send } from './outgoing.ts'

/**
 * Of each allowance two keys: the times of the last taken, the latest first, and whether it is closed; then the processes
 * that take. By the clock of Redis; should that be put back, nobody waits for longer than a window.
 */
const take = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local longest, lacking, closed = 0, 0, 0
local processes = redis.call('ZCARD', KEYS[#KEYS])
for i = 1, #ARGV / 2 do
  local count, ms = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local left = redis.call('PTTL', KEYS[2 * i])
  if left > longest then longest, lacking, closed = left, i, 1 end
  local oldest = count > 0 and redis.call('LINDEX', KEYS[2 * i - 1], count - 1)
  local wait = oldest and math.min(ms, oldest + ms - now) or 0
  if wait > longest then longest, lacking, closed = wait, i, 0 end
end
if longest > 0 then return { processes, lacking, longest, closed } end
for i = 1, #ARGV / 2 do
  local count = tonumber(ARGV[2 * i - 1])
  if count > 0 then
    redis.call('LPUSH', KEYS[2 * i - 1], now)
    redis.call('LTRIM', KEYS[2 * i - 1], 0, count - 1)
    redis.call('PEXPIRE', KEYS[2 * i - 1], ARGV[2 * i])
  end
end
return { processes, 0, 0, 0 }`

/** What is closed for longer already stays so. */
const close = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '', 'PX', ARGV[1]) end`

/** Says that this process takes, and forgets those that did not say so for a minute. */
const join = `
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60)
redis.call('EXPIRE', KEYS[1], 60)`

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

const verdict = z.tuple([z.number(), z.number(), z.number(), z.number()])

interface AllowanceNeeds {
  send: Send
  prefix: string
  /** Counts for this process while Redis is away: its share. */
  alone: Allowances
}

/** Allowances that all processes share. Without Redis each has its share of what it knows how many they are. */
export function createRedisAllowances({ send, prefix, alone }: AllowanceNeeds): Allowances {
  const takers = createTakers(send, `${prefix}:takers`)
  const failing = createFailing()

  const ask = async (allowances: readonly Allowance[]): Promise<Lack | undefined> => {
    const keys = allowances.flatMap(({ key }) => [`${prefix}:taken:${key}`, `${prefix}:closed:${key}`])
    const limits = allowances.flatMap(({ count, ms }) => [count, Math.ceil(ms)])
    const asked = send('count', () => ['eval', take, keys.length + 1, ...keys, takers.key, ...limits])
    const [known, place, ms, closed] = verdict.parse(await inTime(asked))
    takers.counted(known)
    const lacking = allowances[place - 1]
    return lacking && { key: lacking.key, ms, closed: closed === 1 }
  }

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
      await send('count', () => ['eval', close, 1, `${prefix}:closed:${key}`, Math.ceil(ms)]).catch(
        () => undefined,
      )
    },
  }
}

/** The processes that take, this one among them. */
function createTakers(send: Send, key: string) {
  const name = randomBytes(6).toString('hex')
  let joinedAt = Number.NEGATIVE_INFINITY
  let last = 0
  let most = supposed
  let mostAt = Number.NEGATIVE_INFINITY

  function joinNow(): void {
    joinedAt = performance.now()
    send('count', () => ['eval', join, 1, key, name]).catch(() => {
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
