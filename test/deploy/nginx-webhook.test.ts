import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startNginx, type TestNginx } from '../support/servers/nginx.ts'
import { Agent, fetch } from 'undici'

let servers: Server[]
let nginx: TestNginx
let dispatcher: Agent
let cutOff = 0
beforeEach(async () => {
  // As a process that was just ending: it takes the request and hangs up.
  const ending = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      cutOff += 1
      socket.destroy()
    })
  })
  const well = createHttpServer((request, response) => request.resume().on('end', () => response.end()))
  servers = [ending, well]
  const ports = servers.map(async (server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  })
  nginx = await startNginx(await Promise.all(ports))
  dispatcher = new Agent({ allowH2: false, connect: { ca: nginx.ca } })
})
afterEach(async () => {
  await dispatcher.close()
  await nginx.stop()
  for (const server of servers) server.close()
})

/** Until the process that hangs up was met. */
async function post(path: string): Promise<number> {
  cutOff = 0
  for (;;) {
    const response = await fetch(`${nginx.url}${path}`, { dispatcher, method: 'POST', body: '{}' })
    await response.arrayBuffer()
    if (cutOff > 0) return response.status
  }
}

test('an update left without an answer goes to the other process; what may have been done otherwise does not', async () => {
  expect(await post('/webhook/telegram')).toBe(200)
  expect(await post('/other')).toBe(503)
})
