import { createServer, type Socket } from 'node:net'

/** A request as the benchmark's peers see it: no more is parsed than they need. */
export interface RawRequest {
  path: string
  body: string
  /** Answers with bytes of HTTP/1.1, in as many writes as it likes. */
  write(bytes: string): void
}

export interface RawServer {
  port: number
  close(): void
}

const headerEnd = '\r\n\r\n'

/**
 * A server made as cheap as possible, because it shares the machine with what is measured. Keep-alive only, bodies by
 * content-length. Not a server to trust with anything else.
 */
export function listenRaw(handler: (request: RawRequest) => void): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    const write = (bytes: string): void => void socket.write(bytes)
    readMessages(socket, (head, body) => handler({ path: head.split(' ', 2)[1] ?? '', body, write }))
  })
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const close = (): void => {
        server.close()
        for (const socket of sockets) socket.destroy()
      }
      resolve({ port, close })
    })
  })
}

/** Calls back with each message of a keep-alive connection, requests and responses alike. */
export function readMessages(socket: Socket, onMessage: (head: string, body: string) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (;;) {
      const end = rest.indexOf(headerEnd)
      if (end < 0) return
      const head = rest.toString('latin1', 0, end)
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      const from = end + headerEnd.length
      if (rest.length < from + length) return
      const body = rest.toString('utf8', from, from + length)
      rest = rest.subarray(from + length)
      onMessage(head, body)
    }
  })
}

export const rawAnswer = (body: string, type = 'application/json'): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
