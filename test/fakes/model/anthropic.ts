import type { FakeFinish, FakeUsage } from './behaviour.ts'
import type { FakeEvent, FakeFormat } from './format.ts'
import { field, hasLoneSurrogate, isContent, isPositiveInteger, unknownKey } from './format.ts'

const types: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

const known = ['model', 'max_tokens', 'messages', 'system', 'stream', 'temperature', 'metadata', 'thinking']
const reasons: Record<FakeFinish, string> = { stop: 'end_turn', length: 'max_tokens', refused: 'refusal' }

const error = (status: number, message: string) => ({
  type: 'error',
  error: { type: types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error'), message },
  request_id: 'req_fake',
})

const event = (name: string, rest: object = {}): FakeEvent => ({
  name,
  data: JSON.stringify({ type: name, ...rest }),
})

/** Anthropic takes what came from its cache out of `input_tokens`. */
const inputUsage = (usage: FakeUsage) => ({
  input_tokens: usage.input - usage.cached,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: usage.cached,
})

/** `POST /v1/messages`, https://docs.anthropic.com/en/api/messages-streaming */
export const anthropicFake: FakeFormat = {
  model: ({ url, body }) => (url.pathname === '/v1/messages' ? String(field(body, 'model')) : undefined),
  checkKey: ({ headers }, key) => {
    if (headers['x-api-key'] === key) return undefined
    const message = headers['x-api-key'] ? 'invalid x-api-key' : 'x-api-key header is required'
    return { status: 401, body: error(401, message) }
  },
  checkShape: ({ headers, body }) => {
    if (headers['anthropic-version'] !== '2023-06-01') return 'anthropic-version: header is required'
    const extra = unknownKey(body, known)
    if (extra) return `${extra}: Extra inputs are not permitted`
    if (!isPositiveInteger(field(body, 'max_tokens'))) return 'max_tokens: Field required'
    if (field(body, 'stream') !== true) return 'stream: the fake only streams'
    const system = field(body, 'system')
    if (system !== undefined && !isContent(system)) return 'system: text content blocks must be non-empty'
    return checkMessages(field(body, 'messages'))
  },
  unknownModel: (model) => ({ status: 404, body: error(404, `model: ${model}`) }),
  refusal: (status, message) => ({ status, body: error(status, message) }),
  opening: (model, usage) => [
    event('message_start', {
      message: {
        id: 'msg_fake',
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        ...(usage && { usage: { ...inputUsage(usage), output_tokens: 1 } }),
      },
    }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('ping'),
  ],
  token: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  closing: (finish, usage) => [
    event('content_block_stop', { index: 0 }),
    event('message_delta', {
      delta: { stop_reason: reasons[finish], stop_sequence: null },
      ...(usage && { usage: { output_tokens: usage.output } }),
    }),
    event('message_stop'),
  ],
  toolCall: (usage) => [
    event('content_block_stop', { index: 0 }),
    event('content_block_start', {
      index: 1,
      content_block: { type: 'tool_use', id: 'toolu_fake', name: 'drop_tables', input: {} },
    }),
    event('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '{"all":' } }),
    event('content_block_stop', { index: 1 }),
    event('message_delta', {
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      ...(usage && { usage: { output_tokens: usage.output } }),
    }),
    event('message_stop'),
  ],
  errorEvent: (status) => ({ name: 'error', data: JSON.stringify(error(status, types[status] ?? 'error')) }),
}

function checkMessages(messages: unknown): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one message is required'
  if (hasLoneSurrogate(messages)) return 'The request body is not valid JSON: no low surrogate in string'
  if (field(messages, 0, 'role') !== 'user') return 'messages: first message must use the "user" role'
  for (const [index, message] of messages.entries()) {
    const role = field(message, 'role')
    if (role !== 'user' && role !== 'assistant')
      return `messages.${index}.role: Input should be 'user' or 'assistant'`
    if (!isContent(field(message, 'content')))
      return `messages.${index}: text content blocks must be non-empty`
    if (role === field(messages, index - 1, 'role')) return 'messages: roles must alternate'
  }
  if (field(messages, messages.length - 1, 'role') !== 'user')
    return 'the conversation must end with a user message'
  return undefined
}
