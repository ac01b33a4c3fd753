import { createServer } from 'node:net'
import { runningVersion } from '../../app/running.ts'
import type { ServerConfig } from '../../config/config.ts'
import { readVersion } from '../../ops/version.ts'
import { fail, type Item, ok, warn } from './item.ts'

/** The port is free, or it is Parley that answers there. */
export async function checkPort({ host, port }: ServerConfig): Promise<Item[]> {
  const fault = await tryListening(host, port)
  if (fault === undefined) return [ok('port', `${host}:${port} is free; no server runs here`)]
  if (fault !== 'EADDRINUSE')
    return [
      fail(
        'port',
        `${host}:${port} cannot be used (${fault})`,
        advice[fault] ?? 'set HOST and PORT to an address of this machine',
      ),
    ]
  const running = await runningVersion(host, port)
  if (running === undefined)
    return [fail('port', `another program answers at ${host}:${port}`, 'stop it, or set PORT to another')]
  const own = readVersion().version
  if (running === own) return [ok('port', `Parley ${running} runs at ${host}:${port}`)]
  return [warn('port', `Parley ${running} runs at ${host}:${port}, installed is ${own}`, 'restart it')]
}

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
