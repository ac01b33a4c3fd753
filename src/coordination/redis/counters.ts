import { z } from 'zod'
import type { Counters } from '../coordination.ts'
import { inTime } from './in-time.ts'
import type { Send } from './outgoing.ts'

/** A window begins with the first hit and ends by itself; within a script no time passes. */
const script = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { count, redis.call('PTTL', KEYS[1]) }`

const counted = z.tuple([z.number(), z.number()])

/** Counters that all processes share; without Redis, or with a slow one, `alone` counts for this one. */
export function createRedisCounters(needs: { send: Send; prefix: string; alone: Counters }): Counters {
  const { send, prefix, alone } = needs
  return {
    async hit(key, limit, windowMs) {
      try {
        const command = ['eval', script, 1, `${prefix}:hits:${key}`, Math.ceil(windowMs)] as const
        const answer = await inTime(send('count', () => [...command]))
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
