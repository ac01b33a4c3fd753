import { anthropicFake } from './anthropic.ts'
import type { FakeUsage } from './behaviour.ts'
import { chatCompletionsFake } from './chat-completions.ts'
import type { FakeFormat } from './format.ts'
import { googleFake } from './google.ts'

export type FakeProvider = 'anthropic' | 'openai' | 'google' | 'deepseek' | 'longcat' | 'compatible'

export interface FakeVendor {
  format: FakeFormat
  /** Obviously fake, in the shape of the real ones. */
  key: string
  model: string
  /** What a base URL setting would hold, after the origin. */
  base: string
}

const usage = (given: FakeUsage) => ({
  prompt_tokens: given.input,
  completion_tokens: given.output,
  total_tokens: given.input + given.output,
})

export const fakeVendors: Record<FakeProvider, FakeVendor> = {
  anthropic: { format: anthropicFake, key: 'sk-ant-fake-key-0001', model: 'claude-fake', base: '' },
  google: { format: googleFake, key: 'AIzaFakeKey0002', model: 'gemini-fake', base: '/v1beta' },
  openai: {
    key: 'sk-fake-key-0003',
    model: 'gpt-fake',
    base: '/v1',
    format: chatCompletionsFake({
      path: '/v1/chat/completions',
      limit: 'max_completion_tokens',
      knows: ['reasoning_effort'],
      wrongKey: {
        message: 'Incorrect API key provided: sk-fake**0003.',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      },
      unknownModel: { status: 404, code: 'model_not_found' },
      usage: (given) => ({ ...usage(given), prompt_tokens_details: { cached_tokens: given.cached } }),
    }),
  },
  deepseek: {
    key: 'sk-fake-key-0004',
    model: 'deepseek-fake',
    base: '',
    format: chatCompletionsFake({
      path: '/chat/completions',
      limit: 'max_tokens',
      wrongKey: {
        message: 'Authentication Fails, Your api key: ****0004 is invalid',
        type: 'authentication_error',
        code: 'invalid_request_error',
      },
      unknownModel: { status: 400, code: 'invalid_request_error' },
      usage: (given) => ({
        ...usage(given),
        prompt_cache_hit_tokens: given.cached,
        prompt_cache_miss_tokens: given.input - given.cached,
      }),
    }),
  },
  longcat: {
    key: 'ak_fake_key_0005',
    model: 'LongCat-Fake',
    base: '/openai/v1',
    format: chatCompletionsFake({
      path: '/openai/v1/chat/completions',
      limit: 'max_tokens',
      wrongKey: { message: 'invalid_api_key', type: 'authentication_error', code: 'invalid_api_key' },
      unknownModel: { status: 400, code: 'invalid_model' },
      usage,
    }),
  },
  compatible: {
    key: 'fake-key-0006',
    model: 'llama-fake',
    base: '/v1',
    format: chatCompletionsFake({
      path: '/v1/chat/completions',
      limit: 'max_tokens',
      wrongKey: { message: 'Unauthorized', type: 'unauthorized', code: null },
      unknownModel: { status: 404, code: null },
      usage,
    }),
  },
}
