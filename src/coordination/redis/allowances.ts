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
  const name = randomBytes(6).toString('hex')
  const takers = `${prefix}:takers`
  let processes = supposed
  let joinedAt = Number.NEGATIVE_INFINITY
  let shared = true
  let changedAt = Number.NEGATIVE_INFINITY

  function joinNow(): void {
    const now = performance.now()
    if (now - joinedAt < joinEveryMs) return
    joinedAt = now
    send('count', () => ['eval', join, 1, takers, name]).catch(() => {
      joinedAt = Number.NEGATIVE_INFINITY
    })
  }

  const ask = async (allowances: readonly Allowance[]): Promise<Lack | undefined> => {
    const keys = allowances.flatMap(({ key }) => [`${prefix}:taken:${key}`, `${prefix}:closed:${key}`])
    const limits = allowances.flatMap(({ count, ms }) => [count, Math.ceil(ms)])
    const asked = send('count', () => ['eval', take, keys.length + 1, ...keys, takers, ...limits])
    const [known, place, ms, closed] = verdict.parse(await inTime(asked))
    processes = Math.max(1, known)
    const lacking = allowances[place - 1]
    return lacking && { key: lacking.key, ms, closed: closed === 1 }
  }

  /** Between counting together and counting alone lies a window in which nothing is taken. */
  function pause(isShared: boolean, allowances: readonly Allowance[]): Lack | undefined {
    const now = performance.now()
    if (isShared !== shared) changedAt = now
    shared = isShared
    const limited = allowances.filter(({ count }) => count > 0)
    const [longest] = limited.toSorted((one, other) => other.ms - one.ms)
    const left = Math.min(longest?.ms ?? 0, longestPause) - (now - changedAt)
    return longest && left > 0 ? { key: longest.key, ms: Math.ceil(left), closed: false } : undefined
  }

  return {
    async take(allowances) {
      joinNow()
      try {
        const lack = await ask(allowances)
        return pause(true, allowances) ?? lack
      } catch {
        return pause(false, allowances) ?? alone.take(allowances.map((one) => shareOf(one, processes)))
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

/** So much that all shares together are not more than the whole. */
function shareOf(allowance: Allowance, processes: number): Allowance {
  const { count, ms } = allowance
  const part = Math.floor(count / processes)
  if (count === 0 || part > 0) return { ...allowance, count: part }
  return { ...allowance, count: 1, ms: Math.ceil((ms * processes) / count) }
}
