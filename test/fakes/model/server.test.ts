import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFakeModels, type FakeModels } from './server.ts'
import { type FakeProvider, fakeVendors } from './vendors.ts'

let fake: FakeModels
beforeAll(async () => {
  fake = await createFakeModels()
})
afterAll(() => fake.close())

const messages = [{ role: 'user', content: 'hi' }]
const chat = (limit: string, provider: FakeProvider) => ({
  model: fakeVendors[provider].model,
  messages,
  stream: true,
  [limit]: 10,
})

interface Good {
  path: string
  headers: Record<string, string>
  body: Record<string, unknown>
}

const bearer = (provider: FakeProvider) => ({ authorization: `Bearer ${fakeVendors[provider].key}` })

const good: Record<FakeProvider, Good> = {
  anthropic: {
    path: '/v1/messages',
    headers: { 'x-api-key': fakeVendors.anthropic.key, 'anthropic-version': '2023-06-01' },
    body: chat('max_tokens', 'anthropic'),
  },
  openai: {
    path: '/v1/chat/completions',
    headers: bearer('openai'),
    body: chat('max_completion_tokens', 'openai'),
  },
  deepseek: { path: '/chat/completions', headers: bearer('deepseek'), body: chat('max_tokens', 'deepseek') },
  longcat: {
    path: '/openai/v1/chat/completions',
    headers: bearer('longcat'),
    body: chat('max_tokens', 'longcat'),
  },
  compatible: {
    path: '/v1/chat/completions',
    headers: bearer('compatible'),
    body: chat('max_tokens', 'compatible'),
  },
  google: {
    path: '/v1beta/models/gemini-fake:streamGenerateContent?alt=sse',
    headers: { 'x-goog-api-key': fakeVendors.google.key },
    body: {
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      generationConfig: { maxOutputTokens: 10 },
    },
  },
}

async function post(provider: FakeProvider, change: Partial<Good> & { raw?: string } = {}) {
  const { path, headers, body } = { ...good[provider], ...change }
  const response = await fetch(`${fake.origin}/${provider}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: change.raw ?? JSON.stringify(body),
  })
  return { status: response.status, text: await response.text() }
}

const providers: FakeProvider[] = ['anthropic', 'openai', 'google', 'deepseek', 'longcat', 'compatible']

describe.each(providers)('the fake of %s', (provider) => {
  test('answers a good request, and remembers it', async () => {
    const { status, text } = await post(provider)
    expect(status).toBe(200)
    expect(text).toContain('data: ')
    expect(text).toContain('world')
    expect(fake.requests.at(-1)).toMatchObject({ provider, model: fakeVendors[provider].model })
  })

  test('refuses no key and a wrong one', async () => {
    const wrong = Object.fromEntries(
      Object.entries(good[provider].headers).map(([name]) => [name, 'Bearer wrong']),
    )
    const version = { 'anthropic-version': '2023-06-01' }
    for (const headers of [{ ...wrong, ...version }, version]) {
      const { status, text } = await post(provider, { headers })
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThanOrEqual(403)
      expect(text).toContain('"error"')
    }
  })

  test('refuses what it does not know or cannot read', async () => {
    const { body } = good[provider]
    const texts = JSON.stringify(body)
    const bad: Parameters<typeof post>[1][] = [
      { raw: '{' },
      { body: { ...body, surprise: 1 } },
      { body: { ...body, messages: [], contents: [] } },
      { raw: texts.replace('"hi"', '""') },
      { raw: texts.replace('"hi"', '"\\ud83d"') },
      { raw: texts.replace('"user"', '"nobody"') },
      { raw: texts.replace(':10', ':-1') },
    ]
    for (const change of bad) expect(await post(provider, change)).toMatchObject({ status: 400 })
  })

  test('knows its own model and path only', async () => {
    const raw = JSON.stringify(good[provider].body).replace(fakeVendors[provider].model, 'other')
    const path = good[provider].path.replace(fakeVendors[provider].model, 'other')
    expect([400, 404]).toContain((await post(provider, { raw, path })).status)
    expect((await post(provider, { path: '/v9/elsewhere' })).status).toBe(404)
  })
})

test('Google says 400 for a wrong key, Anthropic wants its version, OpenAI its new name of the limit', async () => {
  const google = await post('google', { headers: { 'x-goog-api-key': 'wrong' } })
  expect(google).toMatchObject({ status: 400, text: expect.stringContaining('API_KEY_INVALID') })
  const anthropic = await post('anthropic', { headers: { 'x-api-key': fakeVendors.anthropic.key } })
  expect(anthropic).toMatchObject({ status: 400, text: expect.stringContaining('anthropic-version') })
  const openai = await post('openai', { body: chat('max_tokens', 'openai') })
  expect(openai).toMatchObject({ status: 400, text: expect.stringContaining('max_completion_tokens') })
})

test('a body over the limit is refused', async () => {
  expect((await post('openai', { raw: 'x'.repeat(5_000_000) })).status).toBe(413)
})
