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
  expect(items.map(({ status }) => status)).toEqual(['ok', 'ok'])
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

test.each([
  ['registered as configured', { url, pending_update_count: 3 }, url, 'ok', /3 updates waiting/],
  ['not registered', { url: '' }, url, 'fail', /not registered/],
  ['registered elsewhere', { url: 'https://other.example' }, url, 'fail', /other\.example/],
  ['registered although polling', { url }, undefined, 'warn', /polling is configured/],
  [
    'failing',
    { url, last_error_date: now / 1000 - 60, last_error_message: 'Connection refused' },
    url,
    'warn',
    /Connection refused/,
  ],
  [
    'failed long ago',
    { url, last_error_date: now / 1000 - 86_400, last_error_message: 'x' },
    url,
    'ok',
    /registered/,
  ],
])('webhook %s', async (_name, getWebhookInfo, wanted, status, found) => {
  const items = await checkTelegram(await botApi({ getMe, getWebhookInfo }, wanted), now)
  expect(items[1]?.status).toBe(status)
  expect(items[1]?.found).toMatch(found)
  if (status !== 'ok') expect(items[1]?.next).toBeTruthy()
})
