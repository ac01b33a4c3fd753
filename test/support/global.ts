import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { startPostgres } from './servers/postgres.ts'
import type { TestServer } from './servers/server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address that answers with the URL of the tests' PostgreSQL, started when first asked for. */
    postgresBroker: string
  }
}

/**
 * The servers of a run. `npm test` starts them once and names them in the environment; a run by hand starts a
 * cluster of its own as soon as a test asks, and only then.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let cluster: Promise<TestServer> | undefined
  const urlOfCluster = async (): Promise<string> => {
    const given = process.env.DATABASE_TEST_URL
    if (given !== undefined) return given
    cluster ??= startPostgres()
    return (await cluster).url
  }
  const broker = createServer((_, response) => {
    urlOfCluster().then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  broker.listen(0, '127.0.0.1', resolve)
  await listening
  const address = broker.address()
  if (address === null || typeof address === 'string') throw new Error('The broker has no port.')
  project.provide('postgresBroker', `http://127.0.0.1:${address.port}/`)
  return async () => {
    broker.close()
    broker.closeAllConnections()
    await (await cluster?.catch(() => undefined))?.stop()
  }
}
