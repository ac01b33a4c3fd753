import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import type { TestServer } from '../servers/server.ts'
import { chromiumPath } from './needs.ts'

/** The servers of a run, and the environment that tells the tests about them. */
export interface Servers {
  env: NodeJS.ProcessEnv
  stop(): Promise<void>
}

/** Starts a PostgreSQL and a Redis of this run, unless the environment names some to use. */
export async function startServers(): Promise<Servers> {
  const { DATABASE_TEST_URL: database, REDIS_TEST_URL: redis } = process.env
  const started: TestServer[] = []
  const start = async (begin: () => Promise<TestServer>): Promise<string> => {
    const server = await begin()
    started.push(server)
    return server.url
  }
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()))
  }
  try {
    const env = {
      DATABASE_TEST_URL: database ?? (await start(startPostgres)),
      REDIS_TEST_URL: redis ?? (await start(startRedis)),
      CHROMIUM_PATH: chromiumPath(),
    }
    return { env, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
