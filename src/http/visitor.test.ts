import { afterEach, expect, test } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { createServer } from './server.ts'
import { keepVisitor, visitorOf } from './visitor.ts'

const servers: FastifyInstance[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** A server whose every page keeps the visitor and tells who it was before. */
async function serve(trustProxy: boolean, secretKey = 'k'.repeat(32)) {
  const events = { requestAnswered: () => {}, faulted: () => {} } as never
  const app = await createServer({ events, secretKey, bodyLimit: 1024, sockets: 10, trustProxy, proxies: 1 })
  servers.push(app)
  app.get('/', async (request, reply) => {
    const visitor = visitorOf(request) ?? 'nobody'
    keepVisitor(request, reply)
    return visitor
  })
  return async (proto: 'http' | 'https' | 'wss', cookie = '') => {
    const { body, headers } = await app.inject({ url: '/', headers: { 'x-forwarded-proto': proto, cookie } })
    const set = String(headers['set-cookie'])
    return { visitor: body, set, cookie: set.split(';', 1)[0] ?? '' }
  }
}

const idOf = (cookie: string): string => /=([\da-f-]{36})\./.exec(cookie)?.[1] ?? ''

test('behind TLS the cookie has a name that only this host can set', async () => {
  const get = await serve(true)
  const { set } = await get('https')
  expect(set).toMatch(/^__Host-parley_visitor=/)
  expect(set).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  expect(set).not.toMatch(/domain/i)
})

test('without TLS it has the plain name, whatever somebody claims who is not to be trusted', async () => {
  expect((await (await serve(true))('http')).set).toMatch(/^parley_visitor=(?!.*Secure)/)
  expect((await (await serve(false))('https')).set).toMatch(/^parley_visitor=(?!.*Secure)/)
})

test('behind TLS a cookie that any neighbour can plant makes nobody, and is not taken over', async () => {
  const get = await serve(true)
  const planted = await get('http')
  const { visitor, cookie } = await get('https', planted.cookie)
  expect(visitor).toBe('nobody')
  expect(idOf(cookie)).not.toBe(idOf(planted.cookie))
  expect((await get('wss', planted.cookie)).visitor).toBe('nobody')
})

test('a browser stays who it is, at its socket too, by whatever name the proxy calls that', async () => {
  const get = await serve(true)
  const { cookie } = await get('https')
  for (const proto of ['https', 'wss', 'http'] as const)
    expect((await get(proto, cookie)).visitor).toBe(idOf(cookie))
  const plain = await get('http')
  expect((await get('http', plain.cookie)).cookie).toBe(plain.cookie)
})

test('of two visitors the one only this host can have set counts', async () => {
  const get = await serve(true)
  const [own, foreign] = [await get('https'), await get('http')]
  expect(idOf(own.cookie)).not.toBe(idOf(foreign.cookie))
  for (const both of [`${own.cookie}; ${foreign.cookie}`, `${foreign.cookie}; ${own.cookie}`])
    expect((await get('https', both)).visitor).toBe(idOf(own.cookie))
})

test('a forged cookie is nobody, under either name, and hides no true one', async () => {
  const get = await serve(true)
  const forger = await serve(true, 'f'.repeat(32))
  const [plain, secure] = [(await forger('http')).cookie, (await forger('https')).cookie]
  expect((await get('https', secure)).visitor).toBe('nobody')
  expect((await get('http', plain)).visitor).toBe('nobody')
  const own = await get('http')
  expect((await get('http', `${secure}; ${own.cookie}`)).visitor).toBe(idOf(own.cookie))
})
