import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBotApi } from './api.ts'

let server: Server
let waiting: ServerResponse[]
let connections: number
beforeEach(async () => {
  waiting = []
  connections = 0
  server = createServer((_, response) => void waiting.push(response)).listen(0, '127.0.0.1')
  server.on('connection', () => (connections += 1))
  await once(server, 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

test('what has no connection until it may no longer leave stays, and costs no connection', async () => {
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const api = createBotApi({ token: 'token-of-tests', root, connections: 1 })
  let isOver = false
  const send = (mayLeave = () => true) => api.call('sendMessage', { text: 'x' }, { mayLeave })
  const slow = send()
  await vi.waitFor(() => expect(waiting).toHaveLength(1))
  const late = Array.from({ length: 10 }, () => send(() => !isOver))
  const early = send()
  isOver = true
  const answer = JSON.stringify({ ok: true, result: { message_id: 1 } })
  waiting[0]?.end(answer)
  await vi.waitFor(() => expect(waiting).toHaveLength(2))
  waiting[1]?.end(answer)
  expect([await slow, await early]).toMatchObject([{ ok: true }, { ok: true }])
  for (const result of await Promise.all(late))
    expect(result).toMatchObject({ ok: false, isUnsent: true, mayHaveArrived: false })
  expect(waiting).toHaveLength(2)
  expect(connections).toBe(1)
  await api.close()
})
