import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/** The two ends of one real WebSocket: the server's is `near`, the page's is `far`. */
export interface SocketPair {
  near: WebSocket
  far: WebSocket
  /** What the page received, in order. */
  received: unknown[]
  close(): void
}

export async function createSocketPair(): Promise<SocketPair> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const far = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const received: unknown[] = []
  far.on('message', (data) => received.push(JSON.parse((data as Buffer).toString())))
  const near = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
  await once(far, 'open')
  return {
    near: await near,
    far,
    received,
    close() {
      far.terminate()
      server.close()
    },
  }
}
