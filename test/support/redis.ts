import { randomBytes } from 'node:crypto'
import type { Coordination } from '../../src/coordination/coordination.ts'
import { createMemoryCounters } from '../../src/coordination/memory/counters.ts'
import { createMemoryAllowances } from '../../src/coordination/memory/allowances.ts'
import { createRedisCoordination } from '../../src/coordination/redis/coordination.ts'
import { createEvents, type Events } from '../../src/ops/events.ts'
import { silentLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { startRedis } from './servers/redis.ts'
import type { TestServer } from './servers/server.ts'

/** The Redis of this run, or one of its own where the run has none. */
export async function createTestRedis(): Promise<TestServer> {
  const given = process.env.REDIS_TEST_URL
  return given === undefined ? startRedis() : { url: given, stop: async () => undefined }
}

/** A prefix nobody else has: the tests share a server. */
export const ownPrefix = (): string => `test-${randomBytes(6).toString('hex')}`

/** Coordination as one process would have it. */
export const joinRedis = (
  url: string,
  prefix: string,
  events: Events = quietEvents(),
): Promise<Coordination> => {
  const alone = { counters: createMemoryCounters(), allowances: createMemoryAllowances() }
  return createRedisCoordination({ url, prefix, alone, events })
}

const quietEvents = (): Events => createEvents({ log: silentLog, metrics: createMetrics({ process: false }) })
