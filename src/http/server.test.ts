import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createServer } from './server.ts'

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

/** A server that listens, and how to speak with it. */
async function listen(trustProxy: boolean) {
  const events = { requestAnswered: () => {}, faulted: () => {} } as never
  const own = { secretKey: 'k'.repeat(32), bodyLimit: 1024, sockets: 10, proxies: 1 }
  const app = await createServer({ ...own, events, trustProxy })
  opened.push(() => app.close())
  app.get('/well', () => 'well')
  app.get('/ws', { websocket: true }, (socket) => void socket.on('message', (text) => socket.send(text)))
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  return {
    app,
    open(): Socket {
      const socket = connect(Number(port), '127.0.0.1')
      opened.unshift(() => socket.destroy())
      return socket.resume()
    },
    async get(socket: Socket, path = '/well', headers = ''): Promise<string> {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: parley\r\n${headers}\r\n`)
      return String((await once(socket, 'data'))[0])
    },
    async talk(): Promise<WebSocket> {
      const talking = new WebSocket(`ws://127.0.0.1:${port}/ws`)
      opened.unshift(() => talking.terminate())
      await once(talking, 'open')
      return talking
    },
  }
}

test('who says nothing gives the place back; connections kept open, and sockets, stay', async () => {
  const { app, open, get, talk } = await listen(false)
  expect(app.server.headersTimeout).toBe(10_000)
  // So that the test need not wait for so long.
  app.server.headersTimeout = 1000

  const kept = open()
  expect(await get(kept)).toContain('200 OK')
  const talking = await talk()
  const [silent, halting] = [open(), open()]
  halting.write('GET /well HTTP/1.1\r\nHost:')
  const gone = Promise.all([silent, halting].map((socket) => once(socket, 'close')))
  expect(await Promise.race([gone.then(() => 'gone'), sleep(8000, 'still there', { ref: false })])).toBe(
    'gone',
  )
  expect(await get(kept)).toContain('200 OK')
  talking.send('and I?')
  expect(String((await once(talking, 'message'))[0])).toBe('and I?')
}, 12_000)

const upgrade = `Connection: Upgrade
Upgrade: websocket
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
`.replaceAll('\n', '\r\n')

test('behind a proxy a server that goes answers on the connections there are, and sends sockets back', async () => {
  const { app, open, get, talk } = await listen(true)
  const [used, asking, idle] = [open(), open(), open()]
  for (const kept of [used, asking, idle]) expect(await get(kept)).toContain('200 OK')
  const talking = await talk()
  const closing = app.close()
  expect((await once(talking, 'close'))[0]).toBe(1012)
  expect(await get(used)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*connection: close/i)
  expect(await get(asking, '/ws', upgrade)).toContain('503')
  expect(await Promise.race([once(idle, 'close').then(() => 'closed'), sleep(300, 'open')])).toBe('open')
  await expect(once(open(), 'connect')).rejects.toThrow('ECONNREFUSED')
  await Promise.all([closing, once(idle, 'close')])
})

test('without one it ends what is idle at once', async () => {
  const { app, open, get } = await listen(false)
  const idle = open()
  expect(await get(idle)).toContain('200 OK')
  const closed = once(idle, 'close')
  const began = performance.now()
  await Promise.all([app.close(), closed])
  expect(performance.now() - began).toBeLessThan(500)
})
