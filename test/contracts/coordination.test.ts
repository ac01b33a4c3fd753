import { afterAll, beforeAll } from 'vitest'
import { createMemoryCoordination } from '../../src/coordination/memory/coordination.ts'
import { createTestRedis, joinRedis, ownPrefix } from '../support/redis.ts'
import type { TestServer } from '../support/servers/server.ts'
import { coordinationSuite } from './coordination.ts'

let redis: TestServer
beforeAll(async () => {
  redis = await createTestRedis()
})
afterAll(() => redis.stop())

coordinationSuite('in process', async () => createMemoryCoordination())
coordinationSuite('over Redis', () => joinRedis(redis.url, ownPrefix()))
