import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { bootApp } from '../support/app.ts'
import { cookieOf, openPage } from '../support/page.ts'

test('behind a proxy a process that stops says so, answers what still comes, and sends pages back', async () => {
  const running = await bootApp({ env: { TRUST_PROXY: 'true' } })
  const { address } = running.app
  const open = (): Socket => connect(Number(new URL(address).port), '127.0.0.1').resume()
  const [one, other] = [open(), open()]
  const get = async (socket: Socket, path: string): Promise<string> => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: chat.example\r\n\r\n`)
    return String((await once(socket, 'data'))[0])
  }
  try {
    for (const socket of [one, other]) expect(await get(socket, '/readyz')).toMatch(/^HTTP\/1\.1 200 /)
    const page = openPage(address, { origin: address, cookie: await cookieOf(address) })
    await page.until('hello')
    const stopping = running.stop()
    expect(await page.closed).toBe(1012)
    expect(await get(one, '/readyz')).toMatch(/^HTTP\/1\.1 503 [^]*connection: close/i)
    expect(await get(other, '/api/version')).toMatch(/^HTTP\/1\.1 200 [^]*connection: close/i)
    await stopping
  } finally {
    for (const socket of [one, other]) socket.destroy()
    await running.close()
  }
})
