import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createModel, type ModelSettings } from '../../src/llm/model.ts'
import { createTransport } from '../../src/llm/transport.ts'
import { failureOf, partsOf, textOf } from './llm.ts'

/**
 * The clients against somebody else's idea of the wire formats: our fakes and our clients were written by the same
 * hands and could share a misunderstanding.
 */
const mock = new LLMock({ port: 0, chunkSize: 3 })
const transport = createTransport()
const answer = 'Здравствуйте! We build software 🚀 and run it.'

beforeAll(async () => {
  mock.onMessage(/cut me/, { content: answer, finishReason: 'length' })
  mock.onMessage(/limit me/, { error: { message: 'Rate limited', type: 'rate_limit_error' }, status: 429 })
  mock.onMessage(/do/, { content: answer })
  await mock.start()
})
afterAll(async () => {
  await transport.close()
  await mock.stop()
})

const settings: [ModelSettings['provider'], string, string][] = [
  ['anthropic', 'claude-sonnet-4-5', ''],
  ['openai', 'gpt-4o', '/v1'],
  ['google', 'gemini-2.0-flash', '/v1beta'],
  ['deepseek', 'deepseek-chat', '/v1'],
  ['compatible', 'llama3', '/v1'],
]

describe.each(settings)('%s', (provider, model, path) => {
  const make = () =>
    createModel({ provider, model, apiKey: 'any-key', baseUrl: mock.url + path }, { transport })

  test('an answer with usage', async () => {
    const parts = await partsOf(make())
    expect(textOf(parts)).toBe(answer)
    expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
  })

  test('a refusal for too many requests', async () => {
    const error = await failureOf(make(), { messages: [{ role: 'user', text: 'limit me' }] })
    expect(error.fault).toBe('rate_limited')
  })
})

test('the output limit, in the words of OpenAI', async () => {
  const options: ModelSettings = {
    provider: 'openai',
    model: 'gpt-4o',
    apiKey: 'k',
    baseUrl: `${mock.url}/v1`,
  }
  const parts = await partsOf(createModel(options, { transport }), {
    messages: [{ role: 'user', text: 'cut me' }],
  })
  expect(parts.at(-1)).toMatchObject({ reason: 'length' })
})
