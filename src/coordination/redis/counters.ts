import { z } from 'zod'
import type { Counters } from '../coordination.ts'
import { inTime } from './in-time.ts'
import { type Run, scriptOf } from './script.ts'

/** A window begins with the first hit and ends by itself; within a script no time passes. */
const script = scriptOf(`
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { count, redis.call('PTTL', KEYS[1]) }`)

const counted = z.tuple([z.number(), z.number()])

/** Counters that all processes share; without Redis, or with a slow one, `alone` counts for this one. */
export function createRedisCounters(needs: { run: Run; prefix: string; alone: Counters }): Counters {
  const { run, prefix, alone } = needs
  return {
    async hit(key, limit, windowMs) {
      try {
        const input = { keys: [`${prefix}:hits:${key}`], args: [Math.ceil(windowMs)] }
        const answer = await inTime(run('count', script, () => input))
        const [count, left] = counted.parse(answer)
        return count <= limit
          ? { allowed: true, retryAfterMs: 0 }
          : { allowed: false, retryAfterMs: Math.max(1, left) }
      } catch {
        return alone.hit(key, limit, windowMs)
      }
    },
  }
}
