import type { RedisConfig } from '../config/config.ts'
import type { Coordination } from '../coordination/coordination.ts'
import { createMemoryAllowances } from '../coordination/memory/allowances.ts'
import { createMemoryCoordination } from '../coordination/memory/coordination.ts'
import { createMemoryCounters } from '../coordination/memory/counters.ts'
import type { RedisFindings } from '../coordination/redis/examine.ts'
import type { Events } from '../ops/events.ts'

/** What an operator wants to know of the Redis at this address; throws when it is of no use. */
export async function examineRedis(url: string): Promise<RedisFindings> {
  const { examineRedis: examine } = await import('../coordination/redis/examine.ts')
  return examine(url)
}

/** Coordination with other processes over Redis, or inside this one. The driver is loaded only where it is used. */
export async function openCoordination(
  redis: RedisConfig | undefined,
  events: Events,
): Promise<Coordination> {
  if (redis === undefined) return createMemoryCoordination()
  const { createRedisCoordination } = await import('../coordination/redis/coordination.ts')
  const alone = { counters: createMemoryCounters(), allowances: createMemoryAllowances() }
  return createRedisCoordination({ ...redis, alone, events })
}
