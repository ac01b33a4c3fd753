import { connect } from 'node:net'
import { startChild } from '../processes/child.ts'
import { createFolder } from '../processes/keep.ts'
import { freePort, until } from '../processes/port.ts'
import type { DatabaseServer } from './server.ts'

/** An empty Redis that stores nothing on disk: the cheapest way to run it. */
export async function startRedis(core: number | undefined): Promise<DatabaseServer> {
  const folder = await createFolder()
  const port = await freePort()
  const child = startChild({
    program: 'redis-server',
    args: [
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--dir',
      folder.path,
      '--save',
      '',
      '--appendonly',
      'no',
    ],
    core,
  })
  await until('redis-server did not become ready', 10_000, () => answers(port))
  return {
    url: `redis://127.0.0.1:${port}`,
    folder: folder.path,
    pid: child.pid,
    async stop() {
      await child.stop()
      await folder.remove()
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'))
  socket.once('data', (bytes) => resolve(bytes.toString().startsWith('+PONG')))
  socket.once('error', () => resolve(false))
  const answered = await promise
  socket.destroy()
  return answered
}
