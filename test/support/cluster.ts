import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import type { Config, ProcessRole } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type Clock, systemClock } from '../../src/model/time.ts'
import { createLog } from '../../src/ops/log.ts'
import { startSubject, type Subject, writeConfiguration } from '../crash/subject.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { createTestDatabase } from './databases.ts'
import { startRedis, type TestRedis } from './servers/redis.ts'
import { freePort } from './servers/server.ts'

/** One PostgreSQL database, one Redis of its own, a fake model, and processes of any role. */
export interface Cluster {
  redis(): TestRedis
  /** Starts Redis anew, empty, at the same address. */
  restartRedis(): Promise<void>
  models: FakeModels
  /** An application in this process; `change`: what is different in its configuration; `clock`: turns the time of what it stores. */
  join(
    role: ProcessRole,
    env?: Record<string, string>,
    change?: (config: Config) => Config,
    clock?: Clock,
  ): Promise<App>
  /** Stops one that joined. */
  leave(app: App): Promise<void>
  /** An application in a process of its own, ready. */
  spawn(role: ProcessRole, env?: Record<string, string>): Promise<Subject & { address: string }>
  /** Everything logged in this process so far. */
  logged(): string
  close(): Promise<void>
}

export async function createCluster(): Promise<Cluster> {
  const database = await createTestDatabase()
  let redis = await startRedis()
  const models = await createFakeModels()
  const folder = await mkdtemp(join(tmpdir(), 'parley-cluster-'))
  await writeConfiguration(folder)
  const apps = new Set<App>()
  const subjects: Subject[] = []
  let log = ''
  const environment = (role: ProcessRole) => ({
    PARLEY_ROLE: role,
    DATABASE_URL: database.url,
    DATABASE_POOL_MIN: '1',
    DATABASE_POOL_MAX: '5',
    REDIS_URL: redis.url,
    SECRET_KEY: 'fake-secret-key-of-tests-0123456789abcdef',
    AI_PROVIDER: 'compatible',
    AI_MODEL: fakeVendors.compatible.model,
    AI_PRICE: '0.1/0.4',
    COMPATIBLE_API_KEY: fakeVendors.compatible.key,
    COMPATIBLE_BASE_URL: models.baseUrl('compatible'),
  })
  return {
    redis: () => redis,
    async restartRedis() {
      await redis.stop()
      redis = await startRedis(redis.port)
    },
    models,
    async join(role, env = {}, change = (config) => config, clock = systemClock) {
      const loaded = loadConfig({ env: { PORT: '0', ...environment(role), ...env }, cwd: folder })
      if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
      const kept = createLog('debug', (line) => (log += line))
      const app = await createApp(change(loaded.config), { log: kept, clock })
      apps.add(app)
      await app.start()
      return app
    },
    async leave(app) {
      apps.delete(app)
      await app.stop()
    },
    async spawn(role, env = {}) {
      const port = await freePort()
      const subject = startSubject({ folder, port, env: { ...environment(role), ...env } })
      subjects.push(subject)
      await subject.ready()
      return { ...subject, address: `http://127.0.0.1:${port}` }
    },
    logged: () => log,
    async close() {
      for (const subject of subjects) subject.signal('SIGKILL')
      await Promise.all(subjects.map((subject) => subject.exited))
      redis.signal('SIGCONT')
      await Promise.all([...apps].map((app) => app.stop()))
      await redis.stop()
      await models.close()
      await database.drop()
      await rm(folder, { recursive: true })
    },
  }
}
