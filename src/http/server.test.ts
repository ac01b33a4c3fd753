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

test('who says nothing gives the place back; connections kept open, and sockets, stay', async () => {
  const events = { requestAnswered: () => {}, faulted: () => {} } as never
  const app = await createServer({
    events,
    secretKey: 'k'.repeat(32),
    bodyLimit: 1024,
    sockets: 10,
    trustProxy: false,
    proxies: 1,
  })
  opened.push(() => app.close())
  app.get('/well', () => 'well')
  app.get('/ws', { websocket: true }, (socket) => void socket.on('message', (text) => socket.send(text)))
  expect(app.server.headersTimeout).toBe(10_000)
  // So that the test need not wait for so long.
  app.server.headersTimeout = 1000
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const open = (): Socket => {
    const socket = connect(Number(port), '127.0.0.1')
    opened.unshift(() => socket.destroy())
    return socket.resume()
  }
  const get = async (socket: Socket): Promise<string> => {
    socket.write('GET /well HTTP/1.1\r\nHost: parley\r\n\r\n')
    return String((await once(socket, 'data'))[0])
  }

  const kept = open()
  expect(await get(kept)).toContain('200 OK')
  const talking = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  opened.unshift(() => talking.terminate())
  await once(talking, 'open')
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
