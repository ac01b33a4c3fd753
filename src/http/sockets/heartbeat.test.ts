import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { keepAlive } from './heartbeat.ts'

const everyMs = 500
let server: WebSocketServer
let url: string
beforeAll(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  for (const socket of server.clients) socket.terminate()
  server.close()
})

async function connect(autoPong: boolean) {
  const socket = new WebSocket(url, { autoPong })
  const seen = { pings: 0, closed: 0 }
  socket.on('ping', () => {
    seen.pings += 1
  })
  socket.on('close', (code) => {
    seen.closed = code
  })
  await once(socket, 'open')
  return seen
}

test('a socket that answers no ping is ended instead of being pinged again, the others stay; one timer serves all', async () => {
  const timers = vi.spyOn(globalThis, 'setInterval')
  keepAlive(server, everyMs)
  const deaf = await Promise.all(Array.from({ length: 40 }, () => connect(false)))
  const well = await Promise.all(Array.from({ length: 40 }, () => connect(true)))
  await expect.poll(() => deaf.map(({ closed }) => closed), { timeout: 8000 }).toEqual(deaf.map(() => 1006))
  expect(deaf.map(({ pings }) => pings)).toEqual(deaf.map(() => 1))
  const before = well.map(({ pings }) => pings)
  await expect
    .poll(() => well.every(({ pings }, index) => pings > (before[index] ?? 0)), { timeout: 8000 })
    .toBe(true)
  expect(well.map(({ closed }) => closed)).toEqual(well.map(() => 0))
  expect(server.clients.size).toBe(well.length)
  expect(timers).toHaveBeenCalledTimes(1)
})
