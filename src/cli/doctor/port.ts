import { createServer } from 'node:net'
import { localAddress, runningAt } from '../../app/running.ts'
import type { Config } from '../../config/config.ts'
import { fail, type Item, ok, warn } from './item.ts'
import { checkRunning } from './running.ts'
import { judgeVersion } from './version.ts'

/**
 * The port is free, or it is this bot that answers there, in good health. `isInUse`: whether its database may be; `expected`:
 * its version, where it is told here.
 */
export async function checkPort(
  config: Pick<Config, 'environment' | 'server' | 'telegram'>,
  isInUse: boolean,
  expected?: string,
): Promise<Item[]> {
  const { host, port } = config.server
  const fault = await tryListening(host, port)
  if (fault === undefined)
    return [
      nothingRuns(config.environment, `no server runs at ${host}:${port}, which is free`),
      ...missing(expected),
    ]
  if (fault !== 'EADDRINUSE')
    return [
      fail(
        'port',
        `${host}:${port} cannot be used (${fault})`,
        advice[fault] ?? 'set HOST and PORT to an address of this machine',
      ),
    ]
  const address = localAddress(host, port)
  const running = await runningAt(address)
  if (running === undefined)
    return [fail('port', `another program answers at ${host}:${port}`, 'stop it, or set PORT to another')]
  if (!isInUse)
    return [
      fail(
        'port',
        `another bot of Parley answers at ${host}:${port}: nobody has the database of this one open`,
        'set PORT to another, or name the bot that runs there with -c',
      ),
    ]
  return [
    ok('port', `Parley runs at ${host}:${port}`),
    judgeVersion([running], expected, `${host}:${port}`),
    ...(await checkRunning(address, config)),
  ]
}

/** In production one should. */
const nothingRuns = (environment: Config['environment'], found: string): Item =>
  environment === 'production'
    ? warn('port', found, 'once no check fails, start it: parley start')
    : ok('port', found)

const missing = (expected: string | undefined): Item[] =>
  expected === undefined
    ? []
    : [
        fail(
          'version',
          `nothing runs here, expected is ${expected}`,
          'parley start, or name where it runs with --url',
        ),
      ]

const advice: Record<string, string> = {
  EACCES: 'ports below 1024 need a privilege: set PORT to a higher one',
  EADDRNOTAVAIL: 'HOST is no address of this machine',
}

function tryListening(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
