import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'
import { cookieOf, openPage, type Page } from '../support/page.ts'

let running: TestApp
let origin: string
beforeAll(async () => {
  running = await bootApp({})
  origin = running.app.address
})
afterAll(() => running.close())

const healthy = async (): Promise<number> => (await fetch(`${origin}/health`)).status

const page = async (): Promise<Page> => openPage(origin, { origin, cookie: await cookieOf(origin) })

describe('the socket', () => {
  test('closes without a visitor, and with a forged one', async () => {
    expect(await openPage(origin, { origin }).closed).toBe(4401)
    const forged = 'parley_visitor=00000000-0000-4000-8000-000000000000.AAAA'
    expect(await openPage(origin, { origin, cookie: forged }).closed).toBe(4401)
  })

  test('a visitor cannot read, nor write into, a session of another', async () => {
    const session = '11111111-1111-4111-8111-111111111111'
    const id = '22222222-2222-4222-8222-222222222222'
    const owner = await page()
    await owner.until('hello')
    owner.socket.send(JSON.stringify({ type: 'open', session, after: 0 }))
    owner.socket.send(JSON.stringify({ type: 'send', session, id, text: 'my secret' }))
    await owner.until('accepted')
    const stranger = await page()
    await stranger.until('hello')
    stranger.socket.send(JSON.stringify({ type: 'open', session, after: 0 }))
    expect(await stranger.until('opened')).toMatchObject({ messages: [] })
    stranger.socket.send(JSON.stringify({ type: 'history', session, before: 1000 }))
    expect(await stranger.until('history')).toMatchObject({ messages: [] })
    stranger.socket.send(JSON.stringify({ type: 'press', session, id, seq: 1, action: 'human:request' }))
    expect(await stranger.until('error')).toMatchObject({ code: 'REQUEST_INVALID' })
    expect(JSON.stringify(stranger.frames)).not.toContain('my secret')
    owner.socket.close()
    stranger.socket.close()
  })

  test('a second tab that opened a session before its first message sees it begin', async () => {
    const visitor = await cookieOf(origin)
    const session = '55555555-5555-4555-8555-555555555555'
    const [one, two] = [
      openPage(origin, { origin, cookie: visitor }),
      openPage(origin, { origin, cookie: visitor }),
    ]
    for (const { socket, until } of [one, two]) {
      await until('hello')
      socket.send(JSON.stringify({ type: 'open', session, after: 0 }))
      await until('opened')
    }
    const id = '66666666-6666-4666-8666-666666666666'
    one.socket.send(JSON.stringify({ type: 'send', session, id, text: 'hello from the other tab' }))
    expect(await two.until('messages')).toMatchObject({
      messages: [{ seq: 1, id, text: 'hello from the other tab' }],
    })
    one.socket.close()
    two.socket.close()
  })

  test('the same message sent again is stored once', async () => {
    const { socket, frames, until } = await page()
    const session = '33333333-3333-4333-8333-333333333333'
    const send = { type: 'send', session, id: '44444444-4444-4444-8444-444444444444', text: 'once' }
    await until('hello')
    for (let i = 0; i < 3; i += 1) socket.send(JSON.stringify(send))
    await expect
      .poll(() => frames.filter((frame) => frame.type === 'accepted').length, { timeout: 5000 })
      .toBe(3)
    expect(new Set(frames.filter((frame) => frame.type === 'accepted').map((frame) => frame.seq))).toEqual(
      new Set([1]),
    )
    socket.close()
  })

  test.each([
    ['not JSON', '{"type":'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"drop"}'],
    ['a wrong id', '{"type":"open","session":"../etc","after":0}'],
    [
      'an empty text',
      '{"type":"send","session":"33333333-3333-4333-8333-333333333333","id":"33333333-3333-4333-8333-333333333333","text":""}',
    ],
    [
      'a text too long',
      `{"type":"send","session":"33333333-3333-4333-8333-333333333333","id":"33333333-3333-4333-8333-333333333333","text":"${'x'.repeat(2001)}"}`,
    ],
    ['a negative sequence', '{"type":"open","session":"33333333-3333-4333-8333-333333333333","after":-1}'],
  ])('answers %s with an error that names the field', async (_, frame) => {
    const { socket, until } = await page()
    await until('hello')
    socket.send(frame)
    const error = await until('error')
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', message: expect.stringMatching(/\w+/) })
    socket.close()
  })

  test('closes on binary and on oversized frames', async () => {
    const binary = await page()
    await binary.until('hello')
    binary.socket.send(Buffer.from([1, 2, 3]))
    expect(await binary.closed).toBe(1003)
    const large = await page()
    await large.until('hello')
    large.socket.send('x'.repeat(20_000))
    expect(await large.closed).toBe(1009)
  })

  test.each([
    ['frames', ({ send }: Page) => send({ type: 'ping' })],
    ['pings of the protocol', ({ socket }: Page) => socket.ping()],
  ])('closes on too many %s', async (_, knock) => {
    const hasty = await page()
    await hasty.until('hello')
    for (let n = 0; n < 50; n += 1) knock(hasty)
    expect(await hasty.closed).toBe(1008)
  })

  test('closes on the sixth malformed frame', async () => {
    const stubborn = await page()
    await stubborn.until('hello')
    for (let n = 0; n < 5; n += 1) stubborn.socket.send('{')
    stubborn.send({ type: 'ping' })
    await stubborn.until('pong')
    stubborn.socket.send('{')
    expect(await stubborn.closed).toBe(1008)
  })
})

describe('HTTP', () => {
  const raw = (text: string): Promise<string> =>
    new Promise((resolve) => {
      const { port } = new URL(origin)
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.on('error', () => resolve(answer))
      socket.on('close', () => resolve(answer))
    })

  test.each([
    ['nonsense', '\x00\x01\x02 nonsense\r\n\r\n'],
    ['a header too large', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello'],
    ['a bad escape', 'GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'],
  ])('answers %s with a 4xx', async (_, text) => {
    expect(await raw(text)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(await healthy()).toBe(200)
  })

  test.each([
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/chat/../../src/main.ts',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/.env',
  ])('serves nothing outside of the pages: %s', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer).not.toContain('"parley"')
  })

  test('an unknown address gets the catalogue’s error and no page of the framework', async () => {
    const response = await fetch(`${origin}/nothing/here`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } })
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each([
    ['en-GB,en;q=0.9', 'There is no such page'],
    ['ru-RU,ru;q=0.9,en;q=0.8', 'Такой страницы нет'],
    ['fr', 'There is no such page'],
  ])('a browser that prefers %s sees a page that leads to the chat', async (language, title) => {
    const headers = { accept: 'text/html,*/*;q=0.8', 'accept-language': language }
    for (const path of ['/nothing', '/chat/nothing', '/assets/nothing.js', '/api/nothing']) {
      const response = await fetch(origin + path, { headers })
      expect(response.status).toBe(404)
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('vary')).toBe('accept, accept-language')
      const page = await response.text()
      expect(page).toContain(title)
      expect(page).toContain('href="/chat"')
      expect(page).not.toMatch(/<style|\sstyle=|<script(?![^>]*\ssrc=)/)
    }
  })

  test('Telegram’s address is not there without Telegram', async () => {
    expect((await fetch(`${origin}/webhook/telegram`, { method: 'POST', body: '{}' })).status).toBe(404)
  })
})
