import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startProxy } from './proxy.ts'

/** Nothing else happens in this process meanwhile. */
function stall(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test('a line that is slow for moments of a busy process gives everything in order', async () => {
  const heard: string[] = []
  const server = createServer((socket) => {
    socket.on('data', (bytes) => heard.push(String(bytes)))
    socket.on('error', () => undefined)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const proxy = await startProxy(() => [(server.address() as AddressInfo).port])
  const socket = connect({ port: proxy.port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const sent: number[] = []
  for (let number = 0; number < 400; number += 1) {
    if (number % 10 === 0) proxy.slow(number % 20 === 0 ? 7 : 0)
    socket.write(`${number} `)
    sent.push(number)
    await sleep(1)
    if (number % 7 === 0) stall(5)
  }
  proxy.slow(0)
  await expect.poll(() => heard.join('').trim().split(' ').map(Number)).toEqual(sent)
  socket.destroy()
  await proxy.close()
  server.close()
})
