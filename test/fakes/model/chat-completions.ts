import type { FakeFinish, FakeUsage } from './behaviour.ts'
import type { FakeCall, FakeEvent, FakeFormat } from './format.ts'
import { field, hasLoneSurrogate, isContent, isPositiveInteger, unknownKey } from './format.ts'

/** How one vendor differs from the others that speak this format. */
export interface Vendor {
  path: string
  /** The name of the output limit this vendor takes; the other one is refused. */
  limit: 'max_tokens' | 'max_completion_tokens'
  /** More fields of the request it knows. */
  knows?: string[]
  /** The words of a 401, its `type` and `code`. */
  wrongKey: { message: string; type: string; code: string | null }
  unknownModel: { status: number; code: string | null }
  /** The usage as this vendor reports it. */
  usage(usage: FakeUsage): object
}

const finishes: Record<FakeFinish, string> = { stop: 'stop', length: 'length', refused: 'content_filter' }
const known = ['model', 'messages', 'stream', 'stream_options', 'temperature', 'top_p', 'user']

const error = (message: string, type: string, code: string | null) => ({
  error: { message, type, param: null, code },
})

function typeOf(status: number): string {
  if (status === 429) return 'requests'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

const chunk = (model: string, choices: object[], usage?: object | null): FakeEvent => ({
  data: JSON.stringify({
    id: 'chatcmpl-fake',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model,
    choices,
    ...(usage === undefined ? {} : { usage }),
  }),
})

const choice = (delta: object, finish: string | null = null) => ({
  index: 0,
  delta,
  logprobs: null,
  finish_reason: finish,
})

/** `POST …/chat/completions`, https://platform.openai.com/docs/api-reference/chat-streaming */
export function chatCompletionsFake(vendor: Vendor): FakeFormat {
  return {
    model: ({ url, body }) => (url.pathname === vendor.path ? String(field(body, 'model')) : undefined),
    checkKey: ({ headers }, key) => {
      if (headers.authorization === `Bearer ${key}`) return undefined
      const { message, type, code } = vendor.wrongKey
      return { status: 401, body: error(message, type, code) }
    },
    checkShape: (call) => checkShape(vendor, call),
    unknownModel: (model) => ({
      status: vendor.unknownModel.status,
      body: error(`The model \`${model}\` does not exist`, 'invalid_request_error', vendor.unknownModel.code),
    }),
    refusal: (status, message, code) => ({ status, body: error(message, typeOf(status), code ?? null) }),
    opening: (model) => [chunk(model, [choice({ role: 'assistant', content: '', refusal: null })])],
    token: (text, model) => chunk(model, [choice({ content: text })]),
    closing: (finish, usage, model, call) => [
      chunk(model, [choice({}, finishes[finish])]),
      ...(usage && field(call.body, 'stream_options', 'include_usage') === true
        ? [chunk(model, [], vendor.usage(usage))]
        : []),
      { data: '[DONE]' },
    ],
    toolCall: (_usage, model) => [
      chunk(model, [
        choice({
          tool_calls: [
            {
              index: 0,
              id: 'call_fake',
              type: 'function',
              function: { name: 'drop_tables', arguments: '{"all":' },
            },
          ],
        }),
      ]),
      chunk(model, [choice({}, 'tool_calls')]),
      { data: '[DONE]' },
    ],
    errorEvent: (status) => ({
      data: JSON.stringify(error('failed in the middle', typeOf(status), String(status))),
    }),
  }
}

function checkShape(vendor: Vendor, { body }: FakeCall): string | undefined {
  const extra = unknownKey(body, [...known, vendor.limit, ...(vendor.knows ?? [])])
  if (extra)
    return `Unsupported parameter: '${extra}' is not supported with this model. Use '${vendor.limit}' instead.`
  if (!isPositiveInteger(field(body, vendor.limit))) return `'${vendor.limit}' must be a positive integer`
  if (field(body, 'stream') !== true) return 'the fake only streams'
  const messages = field(body, 'messages')
  if (!Array.isArray(messages) || messages.length === 0) return "[] is too short - 'messages'"
  if (hasLoneSurrogate(messages)) return 'We could not parse the JSON body of your request.'
  for (const [index, message] of messages.entries()) {
    const role = field(message, 'role')
    if (!['system', 'user', 'assistant'].includes(String(role)))
      return `Invalid value: '${String(role)}' at messages[${index}].role`
    if (!isContent(field(message, 'content'))) return `Invalid value for messages[${index}].content`
    if (role === 'system' && index > 0) return 'System message must be at the beginning.'
  }
  return undefined
}
