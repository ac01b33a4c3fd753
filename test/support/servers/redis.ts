import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createFolder, freePort, isAlive, removeOrphans, waitForEnd } from './server.ts'
import type { TestServer } from './server.ts'

/** Whether `redis-server` can be started here. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0

export interface TestRedis extends TestServer {
  port: number
  /** Of the server: SIGSTOP makes it hang, SIGKILL ends it at once. */
  signal(signal: NodeJS.Signals): void
}

/** An empty Redis that stores nothing on disk, on a free port unless one is given. */
export async function startRedis(givenPort?: number): Promise<TestRedis> {
  await removeOrphans('redis', stopRedis)
  const folder = createFolder('redis')
  const port = givenPort ?? (await freePort())
  const settings = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ]
  const pidFile = ['--pidfile', join(folder, 'redis.pid')]
  const started = spawn('redis-server', [...settings, ...pidFile], { stdio: 'ignore', detached: true })
  started.unref()
  for (const end = Date.now() + 10_000; !(await answers(port)); ) {
    if (Date.now() < end) continue
    await stopRedis(folder)
    throw new Error('redis-server did not become ready in 10 s.')
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    signal: (signal) => void started.kill(signal),
    stop: () => stopRedis(folder),
  }
}

async function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'))
  socket.once('data', (bytes) => resolve(bytes.toString().startsWith('+PONG')))
  socket.once('error', () => setTimeout(() => resolve(false), 20))
  const answered = await promise
  socket.destroy()
  return answered
}

async function stopRedis(folder: string): Promise<void> {
  const pidFile = join(folder, 'redis.pid')
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0
  if (pid > 0 && isAlive(pid)) {
    process.kill(pid, 'SIGCONT')
    process.kill(pid, 'SIGTERM')
    if (!(await waitForEnd(pid, 5_000))) process.kill(pid, 'SIGKILL')
  }
  rmSync(folder, { recursive: true, force: true })
}
