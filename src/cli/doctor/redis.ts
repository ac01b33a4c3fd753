import { examineRedis } from '../../app/coordination.ts'
import type { RedisConfig } from '../../config/config.ts'
import { ParleyError } from '../../model/errors.ts'
import { fail, type Item, ok, reasonOf, skip, warn } from './item.ts'

export const redisAdvice = 'check REDIS_URL, that the server runs, and that it lets this user in'
/** Every message passes Redis twice before its answer begins. */
const slowMs = 20

/** Redis answers, soon, is new enough, and forgets nothing by itself. */
export async function checkRedis(config: RedisConfig | undefined): Promise<Item[]> {
  if (config === undefined) return [skip('redis', 'not configured; one process does all the work')]
  const { host } = new URL(config.url)
  try {
    const { version = 'of unknown version', latencyMs, evictionPolicy } = await examineRedis(config.url)
    const found = `Redis ${version} answers at ${host} after ${latencyMs.toFixed(1)} ms`
    const speed =
      latencyMs <= slowMs ? ok('redis', found) : warn('redis', found, 'move it closer to the processes')
    return [speed, ...judgePolicy(evictionPolicy)]
  } catch (error) {
    const next =
      error instanceof ParleyError ? 'set REDIS_URL to a Redis 7 or newer, with its password' : redisAdvice
    return [fail('redis', `${host}: ${reasonOf(error)}`, next)]
  }
}

function judgePolicy(policy: string | undefined): Item[] {
  if (policy === undefined) return [skip('redis memory', 'this user may not ask for the policy')]
  if (policy === 'noeviction') return [ok('redis memory', 'nothing is evicted')]
  return [
    warn(
      'redis memory',
      `the policy is ${policy}: with its memory full, Redis forgets counters of limits and rings`,
      'set maxmemory-policy noeviction, or a Redis of its own',
    ),
  ]
}
