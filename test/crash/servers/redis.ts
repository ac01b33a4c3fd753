import { type ChildProcess, spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { freePort } from '../../support/servers/server.ts'
import { createCrashFolder, removeFolder } from './folder.ts'
import { ended, spawnTethered } from './tethered.ts'

/** A Redis of one run, made to be killed. It keeps nothing: what it knew is gone with each stop. */
export interface CrashRedis {
  /** Its port, the same after each start. */
  port: number
  stop(how: 'term' | 'kill'): Promise<void>
  start(): Promise<void>
  flush(): Promise<void>
  close(): Promise<void>
}

export async function startCrashRedis(): Promise<CrashRedis> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    throw new Error('Redis is missing: install the package redis-server.')
  }
  const folder = createCrashFolder()
  const port = await freePort()
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '']
  let server: ChildProcess | undefined

  async function start(): Promise<void> {
    server = spawnTethered(['redis-server', ...settings], { stdio: 'ignore' })
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      const said = await command(port, 'PING').catch(() => '')
      if (said.startsWith('+PONG')) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error('redis-server did not answer within 20 s')
  }

  async function stop(how: 'term' | 'kill'): Promise<void> {
    if (!server) return
    server.kill(how === 'term' ? 'SIGTERM' : 'SIGKILL')
    await ended(server)
  }

  await start()
  return {
    port,
    start,
    stop,
    flush: async () => void (await command(port, 'FLUSHALL')),
    async close() {
      await stop('kill')
      await removeFolder(folder)
    },
  }
}

/** Says one word to Redis and resolves with the first of its answer. */
async function command(port: number, word: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect({ host: '127.0.0.1', port }, () => socket.write(`${word}\r\n`))
  socket.once('data', (bytes) => resolve(bytes.toString()))
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('Redis hung up')))
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}
