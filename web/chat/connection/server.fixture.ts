import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { ClientFrame, ServerFrame } from '../../../src/http/contract/socket.ts'

const hello: ServerFrame = {
  type: 'hello',
  version: '1.0.0',
  bot: { name: 'Parley', tagline: '' },
  greeting: { text: 'Hello' },
  language: 'en',
}

export type Respond = (frame: ClientFrame) => ServerFrame[] | Promise<ServerFrame[]>

/**
 * A real socket server on loopback that answers the frames of a socket as the test says, one after the other, and knows no
 * cookie of the first `strangers`.
 */
export async function startServer(respond: Respond, { strangers = 0 } = {}) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const heard: ClientFrame[] = []
  let connections = 0
  const pushRaw = (text: string) => {
    for (const socket of server.clients) socket.send(text)
  }
  server.on('connection', (socket) => {
    connections += 1
    if (connections <= strangers) return socket.close(4401)
    socket.send(JSON.stringify(hello))
    let served = Promise.resolve()
    const serve = async (frame: ClientFrame): Promise<void> => {
      for (const answer of await respond(frame)) socket.send(JSON.stringify(answer))
    }
    socket.on('message', (data) => {
      const frame: ClientFrame = JSON.parse((data as Buffer).toString())
      heard.push(frame)
      served = served.then(() => serve(frame))
    })
  })
  return {
    url: `ws://127.0.0.1:${portOf(server.address())}`,
    heard: () => heard,
    connections: () => connections,
    pushRaw,
    push: (frame: ServerFrame) => pushRaw(JSON.stringify(frame)),
    /** Ends every connection as a pulled cable or a killed process does. */
    cut() {
      for (const socket of server.clients) socket.terminate()
    },
    async close() {
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type TestServer = Awaited<ReturnType<typeof startServer>>

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
