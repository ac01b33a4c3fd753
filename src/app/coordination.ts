import type { RedisConfig } from '../config/config.ts'
import type { Coordination } from '../coordination/coordination.ts'
import { createMemoryCoordination } from '../coordination/memory/coordination.ts'
import { createMemoryCounters } from '../coordination/memory/counters.ts'
import type { Events } from '../ops/events.ts'

/** Coordination with other processes over Redis, or inside this one. The driver is loaded only where it is used. */
export async function openCoordination(
  redis: RedisConfig | undefined,
  events: Events,
): Promise<Coordination> {
  if (redis === undefined) return createMemoryCoordination()
  const { createRedisCoordination } = await import('../coordination/redis/coordination.ts')
  return createRedisCoordination({ ...redis, alone: createMemoryCounters(), events })
}
