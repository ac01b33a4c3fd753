import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anthropic } from './anthropic.ts'
import { chatCompletions } from './chat-completions.ts'
import { newAnswer, type WireFormat } from './format.ts'
import { gemini } from './gemini.ts'
import { Nonsense } from './json.ts'
import { Refusal } from './refusal.ts'

function read(format: WireFormat, ...events: unknown[]) {
  const answer = newAnswer()
  for (const event of events) format.read(typeof event === 'string' ? event : JSON.stringify(event), answer)
  return answer
}

describe('Anthropic', () => {
  test('skips thoughts and kinds of events it does not know', () => {
    const answer = read(
      anthropic,
      { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'hm' } },
      { type: 'content_block_delta', delta: { type: 'signature_delta', signature: 'x' } },
      { type: 'something_new' },
      { type: 'content_block_delta', delta: { type: 'text_delta', text: 'yes' } },
    )
    expect(answer).toMatchObject({ text: 'yes', done: false, reason: undefined })
  })

  test('counts what the cache wrote and read as input', () => {
    const start = {
      input_tokens: 5,
      cache_creation_input_tokens: 10,
      cache_read_input_tokens: 20,
      output_tokens: 1,
    }
    const answer = read(
      anthropic,
      { type: 'message_start', message: { usage: start } },
      { type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 7 } },
    )
    expect(answer.usage).toEqual({ inputTokens: 35, outputTokens: 7, cachedInputTokens: 20 })
    expect(answer.reason).toBe('length')
  })
})

describe('Chat Completions', () => {
  test('skips the reasoning of DeepSeek and takes a refusal as words', () => {
    const answer = read(
      chatCompletions,
      { choices: [{ delta: { content: null, reasoning_content: 'hm' } }] },
      { choices: [{ delta: { refusal: 'I will not.' } }] },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
      '[DONE]',
    )
    expect(answer).toMatchObject({ text: 'I will not.', reason: 'refused', done: true })
  })

  test('takes usage beside the last choice as well as after it, and none as none', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4 }
    const last = { choices: [{ delta: {}, finish_reason: 'length' }], usage }
    expect(read(chatCompletions, { choices: [], usage: null }, last).usage).toMatchObject({ outputTokens: 4 })
    expect(read(chatCompletions, { choices: [], usage: null }).usage).toBeUndefined()
  })

  test('DeepSeek out of machines is a fault, not an end', () => {
    const event = { choices: [{ delta: {}, finish_reason: 'insufficient_system_resource' }] }
    expect(() => read(chatCompletions, event)).toThrow(Refusal)
  })
})

describe('Gemini', () => {
  test('joins parts, skips thoughts and pays for them', () => {
    const parts = [{ text: 'hm', thought: true }, { text: 'a' }, { inlineData: {} }, { text: 'b' }]
    const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: 2, thoughtsTokenCount: 5 }
    const answer = read(gemini, { candidates: [{ content: { parts }, finishReason: 'STOP' }], usageMetadata })
    expect(answer).toMatchObject({ text: 'ab', reason: 'stop', usage: { inputTokens: 9, outputTokens: 7 } })
  })

  test('a blocked prompt is refused', () => {
    expect(read(gemini, { promptFeedback: { blockReason: 'SAFETY' } }).reason).toBe('refused')
  })

  test('takes a model by either of its names', () => {
    expect(gemini.path('models/gemini-x')).toBe('/models/gemini-x:streamGenerateContent?alt=sse')
    expect(gemini.path('a/../b?c')).toBe('/models/a%2F..%2Fb%3Fc:streamGenerateContent?alt=sse')
  })
})

test.each<[string, WireFormat]>([
  ['Anthropic', anthropic],
  ['Chat Completions', chatCompletions],
  ['Gemini', gemini],
])('%s reads any JSON or says it is nonsense', (_name, format) => {
  const key = fc.constantFrom(
    'type',
    'delta',
    'choices',
    'candidates',
    'content',
    'parts',
    'usage',
    'error',
    'text',
    'details',
    'code',
  )
  const kind = fc.constantFrom('content_block_delta', 'message_delta', 'message_start', 'text_delta', 'error')
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      kind,
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(value, (event) => {
      try {
        const answer = read(format, JSON.stringify(event))
        expect(typeof answer.text).toBe('string')
      } catch (error) {
        expect(error instanceof Nonsense || error instanceof Refusal).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
})
