import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import type { TelegramConfig } from '../../config/config.ts'
import { checkTelegram } from './telegram.ts'

const token = `123456789:${'A'.repeat(35)}`
const now = Date.parse('2026-01-01T00:00:00Z')

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Answers each method with what the Bot API would. */
async function botApi(results: Record<string, unknown>, webhookUrl?: string): Promise<TelegramConfig> {
  const server = createServer((request, response) => {
    const method = request.url?.split('/').at(-1) ?? ''
    const known = request.url === `/bot${token}/${method}` && method in results
    const body = known
      ? { ok: true, result: results[method] }
      : { ok: false, error_code: 401, description: 'Unauthorized' }
    response.writeHead(known ? 200 : 401).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const rate = { perChat: 1, perGroupMinute: 20, overall: 30 }
  const more = { webhookSecret: undefined, agentGroup: undefined, triggers: [], quietWindowMs: 0, rate }
  return { token, apiRoot: `http://127.0.0.1:${port}`, webhookUrl, ...more }
}

const getMe = { username: 'a_bot' }
const url = 'https://bot.example.com/webhook/telegram'

test('not configured is no fault', async () => {
  expect(await checkTelegram(undefined, now)).toMatchObject([{ status: 'skip' }])
})

test('polling with a good token', async () => {
  const items = await checkTelegram(await botApi({ getMe, getWebhookInfo: { url: '' } }), now)
  expect(items.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'telegram ok',
    'webhook ok',
    'telegram clock ok',
  ])
  expect(items[0]?.found).toContain('@a_bot')
})

test('a wrong token, and a server that cannot be reached, fail without showing the token', async () => {
  const refused = await checkTelegram(await botApi({}), now)
  expect(refused).toMatchObject([
    {
      status: 'fail',
      found: 'the token is refused: Unauthorized',
      next: expect.stringMatching(/^set TELEGRAM_BOT_TOKEN .*BotFather/),
    },
  ])
  const config = await botApi({})
  const dead = await checkTelegram({ ...config, apiRoot: 'http://127.0.0.1:9' }, now)
  expect(dead).toMatchObject([
    {
      status: 'fail',
      found: '127.0.0.1:9 cannot be reached',
      next: expect.stringMatching(/^check the network .*TELEGRAM_API_ROOT/),
    },
  ])
  expect(JSON.stringify([refused, dead])).not.toContain('AAAA')
})

const allowed_updates = ['message', 'edited_message', 'callback_query']
const right = { url, allowed_updates, pending_update_count: 3 }
const failing = (last_error_message: string, secondsAgo = 60) => ({
  ...right,
  last_error_message,
  last_error_date: now / 1000 - secondsAgo,
})

test.each([
  ['registered as configured', right, url, 'ok', /3 updates waiting/, /^$/],
  ['not registered', { url: '' }, url, 'fail', /no webhook is registered/, /webhook set/],
  [
    'registered elsewhere',
    { ...right, url: 'https://other.example' },
    url,
    'fail',
    /other\.example/,
    /webhook set/,
  ],
  ['for other kinds of updates', { url }, url, 'fail', /other kinds/, /webhook set/],
  ['registered although polling', right, undefined, 'warn', /no webhook is configured/, /webhook delete/],
  ['failing', failing('Connection refused'), url, 'fail', /Connection refused/, /reached from the internet/],
  [
    'with another secret',
    failing('Wrong response from the webhook: 401 Unauthorized'),
    url,
    'fail',
    /401/,
    /secret differs/,
  ],
  ['failed long ago', failing('x', 86_400), url, 'ok', /registered/, /^$/],
  [
    'behind',
    { ...right, pending_update_count: 500 },
    url,
    'warn',
    /500 updates wait/,
    /running and reachable/,
  ],
])('webhook %s', async (_name, getWebhookInfo, wanted, status, found, next) => {
  const config = await botApi({ getMe, getWebhookInfo }, wanted)
  const items = await checkTelegram({ ...config, webhookSecret: wanted && 'fake' }, now)
  expect(items[1]?.status).toBe(status)
  expect(items[1]?.found).toMatch(found)
  expect(items[1]?.next ?? '').toMatch(next)
})
