import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { bootApp, type TestApp } from '../support/app.ts'

const running: TestApp[] = []
afterEach(async () => {
  for (const app of running.splice(0)) await app.close()
})

type Boot = Parameters<typeof bootApp>[0]
type Headers = Record<string, string>
interface Answer {
  status: number | undefined
  body: string
}

/** An application, and what it answers to somebody who asks for a socket; `PORT` stands for its port. */
async function boot(options: Boot = {}): Promise<(headers: Headers) => Promise<Answer>> {
  const app = await bootApp(options)
  running.push(app)
  const { port } = new URL(app.app.address)
  return (headers) => knock(port, headers)
}

function knock(port: string, given: Headers): Promise<Answer> {
  const headers: Headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'ZmFrZS1rZXktZm9yLXRlcw==',
  }
  for (const [name, value] of Object.entries(given)) headers[name] = value.replace('PORT', port)
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  // A connection that was refused a socket is not used again.
  const asking = httpRequest({ host: '127.0.0.1', port, path: '/ws', headers, agent: false })
  asking.on('error', reject)
  asking.on('upgrade', ({ statusCode }, socket) => {
    socket.destroy()
    resolve({ status: statusCode, body: '' })
  })
  asking.on('response', async (response) => {
    let body = ''
    for await (const chunk of response) body += String(chunk)
    resolve({ status: response.statusCode, body })
  })
  asking.end()
  return promise
}

const named = { host: 'chat.example', origin: 'https://chat.example' }

describe('a bot that only this machine reaches', () => {
  test.each([
    ['no origin', {}],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['an origin that only begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['null', { origin: 'null' }],
    ['an origin of another port', { host: '127.0.0.1:PORT', origin: 'http://127.0.0.1:1' }],
  ])('refuses %s', async (_, headers) => {
    const answer = await (await boot())(headers)
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('add it to web.origins')
  })

  test.each(['127.0.0.1:PORT', 'localhost:PORT', '127.8.9.1:PORT', '[::1]:PORT', '127.0.0.1'])(
    'takes pages of its own, at %s',
    async (host) => {
      const ask = await boot()
      for (const scheme of ['http', 'https'])
        expect(await ask({ host, origin: `${scheme}://${host}` })).toMatchObject({ status: 101 })
    },
  )

  test.each([
    'evil.example:PORT',
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
  ])('refuses %s, a name that was made to point here, and says what to do', async (host) => {
    const answer = await (await boot())({ host, origin: `http://${host}` })
    expect(answer.status).toBe(403)
    const { error } = JSON.parse(answer.body)
    expect(error).toMatchObject({ code: 'FORBIDDEN' })
    expect(error.message).toMatch(/loopback.*TRUST_PROXY.*web\.origins/)
  })
})

test('behind a proxy the origin is either listed, or the proxy trusted', async () => {
  expect(await (await boot())(named)).toMatchObject({ status: 403 })
  const listed = await boot({ settings: { web: { origins: ['https://chat.example'] } } })
  expect(await listed(named)).toMatchObject({ status: 101 })
  expect(await listed({ ...named, origin: 'https://evil.example' })).toMatchObject({ status: 403 })
  const trusting = await boot({ env: { TRUST_PROXY: 'true' } })
  expect(await trusting(named)).toMatchObject({ status: 101 })
  expect(await trusting({ ...named, origin: 'https://evil.example' })).toMatchObject({ status: 403 })
  const forwarded = { origin: 'https://chat.example', 'x-forwarded-host': 'chat.example' }
  expect(await trusting(forwarded)).toMatchObject({ status: 101 })
})

test('a bot that listens on a network takes pages of whatever name it has there', async () => {
  const ask = await boot({ env: { HOST: '0.0.0.0' } })
  expect(await ask(named)).toMatchObject({ status: 101 })
})
