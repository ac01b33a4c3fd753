import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport } from './transport.ts'

let server: Server
let origin = ''
/** Answers with `a`, and with `b` after the silence the path asks for. */
beforeAll(async () => {
  server = createServer((request, response) => {
    response.write('a')
    setTimeout(() => response.end('b'), Number(request.url?.slice(1)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  origin = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : ''
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function read(silentMs: number, bornMs: number): Promise<string> {
  const transport = createTransport({ idleMs: 10 })
  const { promise, resolve } = Promise.withResolvers<string>()
  let read = ''
  transport.post(
    { origin, path: `/${silentMs}`, headers: {}, body: '', silenceMs: bornMs },
    {
      onRequestStart: () => undefined,
      onResponseStart: () => undefined,
      onResponseData: (_controller, bytes) => void (read += bytes.toString()),
      onResponseEnd: () => resolve(read),
      onResponseError: (_controller, error) => resolve(`${read}, then ${error.message}`),
    },
  )
  return promise.finally(transport.close)
}

test('silence within the time of the call cuts no answer', async () => {
  expect(await read(2500, 60_000)).toBe('ab')
})

test('a connection nobody reads any more is closed', async () => {
  expect(await read(60_000, 10)).toBe('a, then Body Timeout Error')
})
