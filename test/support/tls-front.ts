import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificates.ts'

/** What ends TLS in front of a server of this machine. */
export interface TlsFront {
  port: number
  close(): Promise<void>
}

/** On a free port. Answers 502 where nothing listens at `target`, a port. */
export async function createTlsFront(certificate: Certificate, target: number): Promise<TlsFront> {
  const server = createServer(certificate, (incoming, answer) => {
    const { method, url: path, headers } = incoming
    const passed = request({ host: '127.0.0.1', port: target, method, path, headers }, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers)
      from.pipe(answer)
    })
    passed.once('error', () => answer.writeHead(502).end('Bad Gateway'))
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
