import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registerPages } from './pages.ts'
import { createServer } from './server.ts'

const files = {
  'index.html': 'the landing page',
  'chat/index.html': 'the chat',
  'not-found/en.html': 'no such page',
  'not-found/ru.html': 'нет такой страницы',
  'too-many/en.html': 'too many requests',
  'too-many/ru.html': 'слишком много запросов',
  'assets/chat-1a2b.js': 'a script',
  'theme.js': 'another script',
}

let place: string
let server: FastifyInstance
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'parley-pages-'))
  // Installed below a folder that is called as one of ours.
  const folder = join(place, 'assets', 'web')
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const events = { requestAnswered: () => {}, faulted: () => {} } as never
  const secretKey = 'k'.repeat(32)
  server = await createServer({
    events,
    secretKey,
    bodyLimit: 1024,
    sockets: 10,
    trustProxy: false,
    proxies: 1,
  })
  await registerPages(server, folder)
})
afterAll(async () => {
  await server.close()
  await rm(place, { recursive: true })
})

const get = async (url: string, headers: Record<string, string> = {}) => {
  const { statusCode: status, body, headers: sent } = await server.inject({ url, headers })
  return { status, body, caching: sent['cache-control'], etag: String(sent.etag), cookie: sent['set-cookie'] }
}

test.each(['/', '/chat'])(
  '%s sets a cookie, so that no shared cache may keep it, changed or not',
  async (url) => {
    const fresh = await get(url)
    expect(fresh).toMatchObject({ status: 200, caching: 'private, no-cache' })
    const again = await get(url, { 'if-none-match': fresh.etag })
    expect(again).toMatchObject({ status: 304, caching: 'private, no-cache' })
    for (const { cookie } of [fresh, again]) expect(cookie).toMatch(/^parley_visitor=/)
  },
)

test.each([
  ['/assets/chat-1a2b.js', 'public, max-age=31536000, immutable'],
  ['/theme.js', 'no-cache'],
  ['/chat/index.html', 'no-cache'],
])('%s sets none, and is kept: %s', async (url, caching) => {
  const fresh = await get(url)
  expect(fresh).toMatchObject({ status: 200, caching, cookie: undefined })
  expect(await get(url, { 'if-none-match': fresh.etag })).toMatchObject({ status: 304, caching })
})

test('/chat/ is the chat', async () => {
  const { status, body, cookie } = await get('/chat/?from=letter')
  expect({ status, body }).toEqual({ status: 200, body: 'the chat' })
  expect(cookie).toMatch(/^parley_visitor=/)
})

test.each([
  '/assets/',
  '/assets',
  '/not-found/',
  '//',
  '/chat//',
  '/assets/.',
  '/assets//chat-1a2b.js',
  '/%00',
])('%s is no address of ours', async (url) => {
  const page = await get(url, { accept: 'text/html', 'accept-language': 'ru' })
  expect(page).toMatchObject({ status: 404, caching: 'no-store', body: files['not-found/ru.html'] })
  expect(JSON.parse((await get(url)).body)).toMatchObject({ error: { code: 'NOT_FOUND' } })
})

test('a fault while a page is read is a fault, as elsewhere', async () => {
  const broken = await get('/assets/chat-1a2b.js', { 'if-match': '"another"' })
  expect(broken.status).toBe(412)
  expect(JSON.parse(broken.body)).toMatchObject({ error: { code: 'REQUEST_INVALID' } })
})
