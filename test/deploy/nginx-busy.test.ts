import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, fetch, type Response } from 'undici'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { setLocal, startNginx, type TestNginx } from '../support/servers/nginx.ts'

let servers: Server[]
let nginx: TestNginx
let dispatcher: Agent
let asked = 0
beforeAll(async () => {
  // Two processes with one database: what one has no room for the other has not either.
  servers = [1, 2].map(() =>
    createServer((request, response) => {
      asked += 1
      const status = /busy|webhook/.test(request.url ?? '') ? 503 : 200
      response.writeHead(status, { 'retry-after': '7' })
      request.resume().on('end', () => response.end())
    }),
  )
  const ports = servers.map(async (server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  })
  nginx = await startNginx(await Promise.all(ports))
  dispatcher = new Agent({ allowH2: false, connect: { ca: nginx.ca } })
})
afterAll(async () => {
  await dispatcher.close()
  await nginx.stop()
  for (const server of servers) server.close()
})
beforeEach(() => {
  asked = 0
})

async function ask(path: string, method = 'GET', body?: string): Promise<Response> {
  const response = await fetch(`${nginx.url}${path}`, { dispatcher, method, ...(body && { body }) })
  await response.arrayBuffer()
  return response
}

test.each([
  ['an update', '/webhook/telegram', 'POST', 1],
  ['a page', '/busy', 'GET', 2],
  ['a socket', '/ws?busy', 'GET', 2],
] as const)(
  '%s is refused as Parley says, however often; the rest is served',
  async (_, path, method, each) => {
    for (let time = 0; time < 20; time += 1) {
      const { status, headers } = await ask(path, method)
      expect([status, headers.get('retry-after')]).toEqual([503, '7'])
    }
    expect(asked).toBe(20 * each)
    for (let time = 0; time < 10; time += 1) expect((await ask('/chat')).status).toBe(200)
  },
)

test('what the machine wants otherwise stands in files of its own', async () => {
  const send = async () => (await ask('/chat', 'POST', 'x'.repeat(3 * 1024 * 1024))).status
  const flood = async () => {
    const all = await Promise.all(Array.from({ length: 400 }, () => ask('/chat')))
    return new Set(all.map(({ status }) => status))
  }
  expect(await send()).toBe(413)
  expect(await flood()).toEqual(new Set([200, 429]))
  setLocal(nginx.folder, 'server', 'client_max_body_size 8m;\n')
  setLocal(nginx.folder, 'uncounted', '127.0.0.1 "";\n::1 "";\n')
  nginx.reload()
  // For a moment the workers of before still answer beside the new ones.
  const soon = { timeout: 5000, interval: 100 }
  await vi.waitFor(async () => expect(await send()).toBe(200), soon)
  await vi.waitFor(async () => expect(await flood()).toEqual(new Set([200])), soon)
})
