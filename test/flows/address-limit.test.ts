import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { createLog } from '../../src/ops/log.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { cookieOf, openPage } from '../support/page.ts'
import { createTelegramTown } from '../support/telegram-app.ts'

let running: TestApp
let origin: string
let logged = ''
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function boot(settings: object = {}): Promise<void> {
  logged = ''
  const log = createLog('info', (line) => (logged += line))
  running = await bootApp({ settings, limited: true, log })
  closing.push(running.close)
  origin = running.app.address
}

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${origin}${path}`, { headers })

/** The codes of so many requests, in order. */
async function codes(count: number, path: string, headers?: Record<string, string>): Promise<number[]> {
  const found: number[] = []
  for (let nth = 0; nth < count; nth += 1) {
    const response = await get(path, headers)
    await response.arrayBuffer()
    found.push(response.status)
  }
  return found
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

test('sixty requests of an address in a minute, the next is told when to come back', async () => {
  await boot()
  const asked = ['/', '/chat', '/api/status', '/api/version', '/nothing/here', '/theme.js']
  for (const path of asked) await codes(9, path)
  expect(await codes(7, '/chat')).toEqual([...times(6, 200), 429])
  const refused = await get('/api/status')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
  expect(await refused.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } })
  const metrics = await (await get('/metrics')).text()
  expect(metrics).toContain('rate_limit_exceeded_total{user_type="anonymous"} 2')
})

test('whoever watches over it, and the files of the pages, are never refused', async () => {
  await boot({ limits: { per_address: 1 } })
  expect(await codes(2, '/')).toEqual([200, 429])
  for (const path of ['/livez', '/readyz', '/health', '/metrics'])
    expect(await codes(70, path)).toEqual(times(70, 200))
  const [asset = ''] = readdirSync('dist/web/assets')
  expect(await codes(70, `/assets/${asset}?v=1`)).toEqual(times(70, 200))
  expect(await codes(1, '/assets/none.js')).toEqual([429])
})

test.each([
  ['en-GB', 'Too many requests'],
  ['ru-RU', 'Слишком много запросов'],
])('a browser that prefers %s is refused with a page', async (language, title) => {
  await boot({ limits: { per_address: 1 } })
  await codes(1, '/')
  for (const path of ['/', '/chat', '/nothing/here']) {
    const refused = await get(path, { accept: 'text/html,*/*;q=0.8', 'accept-language': language })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
    expect(refused.headers.get('cache-control')).toBe('no-store')
    expect(refused.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await refused.text()).toContain(title)
  }
  expect(await (await get('/chat')).json()).toMatchObject({ error: { code: 'RATE_LIMITED' } })
})

test('opening the page costs a handful', async () => {
  await boot({ limits: { per_address: 4 } })
  const page = openPage(origin, { origin, cookie: await cookieOf(origin) })
  await page.until('hello')
  page.send({ type: 'open', session: randomUUID(), after: 0 })
  page.send({ type: 'sessions' })
  page.send({ type: 'history', session: randomUUID(), before: 5 })
  await page.until('history')
  expect(await codes(3, '/chat')).toEqual([200, 200, 429])
  page.socket.close()
})

test('a message too many is refused on its socket, which stays open, and is not stored', async () => {
  await boot({ limits: { per_address: 4 } })
  const session = randomUUID()
  const page = openPage(origin, { origin, cookie: await cookieOf(origin) })
  await page.until('hello')
  const ids = times(3, '').map(() => randomUUID())
  for (const id of ids) page.send({ type: 'send', session, id, text: `hello ${id}` })
  const error = await page.until('error')
  expect(error).toMatchObject({ code: 'RATE_LIMITED', id: ids[2] })
  expect(error['retryAfterMs']).toBeGreaterThan(50_000)
  page.send({ type: 'press', session, id: randomUUID(), seq: 0, action: 'x' })
  await expect.poll(() => page.frames.filter(({ type }) => type === 'error')).toHaveLength(2)
  page.send({ type: 'open', session, after: 0 })
  const opened = JSON.stringify(await page.until('opened'))
  expect(ids.map((id) => opened.includes(id))).toEqual([true, true, false])
  const other = openPage(origin, { origin })
  expect(await other.closed).toBe(1006)
  page.socket.close()
})

test('behind a proxy an address is what the proxy saw, not what somebody claims', async () => {
  await boot({ server: { trust_proxy: true }, limits: { per_address: 2 } })
  const from = (address: string) => codes(1, '/', { 'x-forwarded-for': address })
  expect([await from('203.0.113.1'), await from('203.0.113.1')].flat()).toEqual([200, 200])
  expect(await from('198.51.100.7, 203.0.113.1')).toEqual([429])
  expect(await from('203.0.113.2')).toEqual([200])
  expect([await from('2001:db8:1:2::1'), await from('2001:db8:1:2:ffff::9')].flat()).toEqual([200, 200])
  expect(await from('2001:db8:1:2::77')).toEqual([429])
  expect(await from('2001:db8:1:3::77')).toEqual([200])
})

test('behind two proxies it is what the outer one saw', async () => {
  await boot({ server: { trust_proxy: true, proxies: 2 }, limits: { per_address: 1 } })
  const from = (addresses: string) => codes(1, '/', { 'x-forwarded-for': addresses })
  expect(await from('1.1.1.1, 203.0.113.1, 10.0.0.1')).toEqual([200])
  expect(await from('2.2.2.2, 203.0.113.1, 10.0.0.1')).toEqual([429])
  expect(await from('203.0.113.2, 10.0.0.1')).toEqual([200])
})

test('a proxy that is not trusted makes all the world one address, which the operator is told once', async () => {
  await boot({ limits: { per_address: 1 } })
  for (const client of ['203.0.113.1', '203.0.113.2', '203.0.113.3'])
    await codes(1, '/', { 'x-forwarded-for': client })
  expect(logged.split('\n').filter((line) => line.includes('TRUST_PROXY'))).toHaveLength(1)
})

test('a changed limit holds at once', async () => {
  await boot({ limits: { per_address: 1 } })
  expect(await codes(2, '/')).toEqual([200, 429])
  const { config } = running
  running.app.reload({ ...config, limits: { ...config.limits, perAddress: 100 } }, ['limits'])
  expect(await codes(2, '/')).toEqual([200, 200])
})

test('a webhook call with the right secret is never refused, one with a wrong secret is', async () => {
  const town = await createTelegramTown()
  closing.push(town.close)
  const app = await town.start({ webhook: true, limits: { per_address: 3 } })
  const call = async (secret?: string | null) => (await app.post('{"update_id":1}', secret)).status
  for (let nth = 0; nth < 20; nth += 1) expect(await call()).toBe(200)
  expect([await call('wrong'), await call(null), await call('wrong')]).toEqual([401, 401, 401])
  expect(await call('wrong')).toBe(429)
  expect(await call()).toBe(200)
})
