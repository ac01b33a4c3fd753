import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A loopback TCP proxy with a port that stays, in front of a server that may go. */
export interface Proxy {
  port: number
  target(port: number): void
  /** Breaks every connection, and refuses new ones until `join`. */
  cut(): void
  join(): void
  close(): Promise<void>
}

export async function startProxy(): Promise<Proxy> {
  let target = 0
  let broken = false
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => open.delete(socket))
  }
  const server = createServer((near) => {
    if (broken) return void near.resetAndDestroy()
    const far = connect(target, '127.0.0.1')
    for (const socket of [near, far]) keep(socket)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.')
  const cut = () => {
    broken = true
    for (const socket of open) socket.resetAndDestroy()
  }
  return {
    port: address.port,
    target: (port) => {
      target = port
    },
    cut,
    join: () => {
      broken = false
    },
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
