import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ParleyError } from '../../model/errors.ts'
import type { Incoming } from '../../model/message.ts'
import { createServer } from '../server.ts'
import { registerTelegramWebhook, telegramWebhookPath } from './telegram.ts'

const secret = 'fake-secret'
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const full = (): ParleyError => new ParleyError('OVERLOADED', undefined, { status: 503 })

async function serve(
  accept: (incoming: Incoming[]) => Promise<void> = async () => {},
  check: () => void = () => undefined,
) {
  const seen = { bodies: 0, refused: [] as string[], ignored: 0 }
  const events = {
    requestAnswered: () => {},
    faulted: () => {},
    webhookRefused: ({ reason }: { reason: string }) => void seen.refused.push(reason),
    updatesIgnored: ({ count }: { count: number }) => void (seen.ignored += count),
  }
  const app = await createServer({
    events: events as never,
    secretKey: 'k'.repeat(32),
    bodyLimit: 1024 * 1024,
    sockets: 10,
    trustProxy: false,
    proxies: 1,
  })
  registerTelegramWebhook(app, {
    secretMatches: (header) => header === secret,
    check,
    receive(body) {
      seen.bodies += 1
      const text = body.toString()
      if (text === 'early') throw new Error('not ready')
      if (text === 'other') return { incoming: [], ignored: 1 }
      return text === 'good'
        ? { incoming: [{ updateId: '1' } as Incoming], ignored: 0 }
        : { malformed: 'no update' }
    },
    accept,
    countRefused: async () => undefined,
    events,
    bodyLimit: 64 * 1024,
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  closing.push(() => app.close())
  const { port } = app.server.address() as AddressInfo
  const post = (body: string | Buffer, header: string | undefined = secret) =>
    fetch(`http://127.0.0.1:${port}${telegramWebhookPath}`, {
      method: 'POST',
      body,
      headers: header === undefined ? {} : { 'x-telegram-bot-api-secret-token': header },
    })
  return { port, post, seen, app }
}

describe('a call of Telegram', () => {
  test('is answered only after its updates are stored', async () => {
    const stored = Promise.withResolvers<void>()
    const { post } = await serve(() => stored.promise)
    let answered = false
    const answer = post('good').then((response) => {
      answered = true
      return response
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(answered).toBe(false)
    stored.resolve()
    expect((await answer).status).toBe(200)
  })

  test('is told to come again when nothing was stored', async () => {
    for (const [error, reason] of [
      [new Error('disk full'), 'unavailable'],
      [full(), 'overloaded'],
    ] as const) {
      const { post, seen } = await serve(() => Promise.reject(error))
      const response = await post('good')
      expect(response.status).toBe(503)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(seen.refused).toEqual([reason])
      expect(await response.text()).not.toContain('disk')
    }
    const { post } = await serve()
    expect((await post('early')).status).toBe(503)
  })

  test('is refused before its body is looked at while nothing is taken; the refusals take their time', async () => {
    const check = (): void => {
      throw full()
    }
    const { post, seen } = await serve(async () => undefined, check)
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 41 }, () => post('good')))
    expect(performance.now() - began).toBeGreaterThan(150)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
    expect(seen.bodies).toBe(0)
    expect(seen.refused).toEqual(answers.map(() => 'overloaded'))
    expect((await post('good', 'wrong')).status).toBe(401)
  })

  test('of a kind nobody reads is fine, and counted', async () => {
    const { post, seen } = await serve()
    expect((await post('other')).status).toBe(200)
    expect(seen.ignored).toBe(1)
  })

  test('that is malformed or too large is refused', async () => {
    const { post, seen } = await serve(() => Promise.reject(new Error('must not be called')))
    expect((await post('{')).status).toBe(400)
    expect((await post(Buffer.from([0xff, 0xfe]))).status).toBe(400)
    expect((await post('')).status).toBe(400)
    expect((await post(Buffer.alloc(20 * 1024 * 1024)).catch(() => ({ status: 413 }))).status).toBe(413)
    expect(seen.refused).toEqual(['malformed', 'malformed', 'malformed', 'size'])
  })
})

describe('a wrong secret', () => {
  test.each([[''], ['wrong'], [`${secret}x`], [undefined]])(
    '%j is refused and nothing read',
    async (header) => {
      const { port, seen } = await serve()
      const response = await fetch(`http://127.0.0.1:${port}${telegramWebhookPath}`, {
        method: 'POST',
        body: 'good',
        headers: header === undefined ? {} : { 'x-telegram-bot-api-secret-token': header },
      })
      expect(response.status).toBe(401)
      expect(seen).toEqual({ bodies: 0, refused: ['secret'], ignored: 0 })
    },
  )

  test('is answered before the body comes, and the connection closed upon it', async () => {
    const { port, app } = await serve()
    let serverRead = 0
    app.server.on('connection', (socket) => socket.on('close', () => (serverRead += socket.bytesRead)))
    const socket = connect(port, '127.0.0.1')
    const answer = Promise.withResolvers<string>()
    socket.on('data', (data) => answer.resolve(String(data)))
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write(
      `POST ${telegramWebhookPath} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20971520\r\n\r\n`,
    )
    expect(await answer.promise).toMatch(/^HTTP\/1\.1 401 [\s\S]*connection: close/i)
    const flood = setInterval(() => socket.write(Buffer.alloc(65_536)), 1)
    await closed
    clearInterval(flood)
    await expect.poll(() => serverRead).toBeGreaterThan(0)
    expect(serverRead).toBeLessThan(2 * 1024 * 1024)
  })
})
