import type { FakeFinish, FakeUsage } from './behaviour.ts'
import type { FakeCall, FakeEvent, FakeFormat } from './format.ts'
import { field, hasLoneSurrogate, isPositiveInteger, isText, unknownKey } from './format.ts'

const statuses: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

const error = (code: number, message: string, details?: object[]) => ({
  error: { code, message, status: statuses[code] ?? 'UNKNOWN', ...(details && { details }) },
})

const finishes: Record<FakeFinish, string> = { stop: 'STOP', length: 'MAX_TOKENS', refused: 'SAFETY' }
const path = /^\/v1beta\/models\/([\w.-]+):streamGenerateContent$/

const chunk = (candidate: object, model: string, usage?: FakeUsage): FakeEvent => ({
  data: JSON.stringify({
    candidates: [{ ...candidate, index: 0 }],
    ...(usage && {
      usageMetadata: {
        promptTokenCount: usage.input,
        candidatesTokenCount: usage.output,
        totalTokenCount: usage.input + usage.output,
        ...(usage.cached > 0 && { cachedContentTokenCount: usage.cached }),
      },
    }),
    modelVersion: model,
    responseId: 'fake',
  }),
})

const says = (text: string) => ({ content: { parts: [{ text }], role: 'model' } })

/** Google answers a bad key with 400, https://ai.google.dev/gemini-api/docs/troubleshooting */
const wrongKey = error(400, 'API key not valid. Please pass a valid API key.', [
  {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason: 'API_KEY_INVALID',
    domain: 'googleapis.com',
  },
])

/** `POST /v1beta/models/MODEL:streamGenerateContent?alt=sse`, https://ai.google.dev/api/generate-content */
export const googleFake: FakeFormat = {
  model: ({ url }) => (url.searchParams.get('alt') === 'sse' ? path.exec(url.pathname)?.[1] : undefined),
  checkKey: ({ headers }, key) => {
    if (headers['x-goog-api-key'] === key) return undefined
    if (headers['x-goog-api-key']) return { status: 400, body: wrongKey }
    return { status: 403, body: error(403, "Method doesn't allow unregistered callers.") }
  },
  checkShape,
  unknownModel: (model) => ({
    status: 404,
    body: error(404, `models/${model} is not found for API version v1beta`),
  }),
  refusal: (status, message, code) => {
    const wait = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: code }
    return { status, body: error(status, message, code ? [wait] : undefined) }
  },
  opening: () => [],
  token: (text, model) => chunk(says(text), model),
  closing: (finish, usage, model) => [
    chunk({ ...(finish === 'stop' && says('')), finishReason: finishes[finish] }, model, usage),
  ],
  toolCall: (usage, model) => [
    chunk(
      {
        content: { parts: [{ functionCall: { name: 'drop_tables', args: { all: true } } }], role: 'model' },
        finishReason: 'UNEXPECTED_TOOL_CALL',
      },
      model,
      usage,
    ),
  ],
  errorEvent: (status) => ({ data: JSON.stringify(error(status, 'failed in the middle')) }),
}

function checkShape({ body }: FakeCall): string | undefined {
  const extra = unknownKey(body, ['contents', 'systemInstruction', 'generationConfig', 'safetySettings'])
  if (extra) return `Invalid JSON payload received. Unknown name "${extra}": Cannot find field.`
  if (!isPositiveInteger(field(body, 'generationConfig', 'maxOutputTokens')))
    return 'maxOutputTokens must be positive'
  const contents = field(body, 'contents')
  if (!Array.isArray(contents) || contents.length === 0) return 'contents is not specified'
  if (hasLoneSurrogate(contents)) return 'Invalid JSON payload received. Unpaired surrogate.'
  for (const [index, content] of contents.entries()) {
    const role = field(content, 'role')
    if (role !== 'user' && role !== 'model') return 'Please use a valid role: user, model.'
    if (!isText(field(content, 'parts', 0, 'text'))) return `contents[${index}].parts must not be empty`
    if (role === field(contents, index - 1, 'role')) return 'Please ensure that multiturn requests alternate'
  }
  if (field(contents, 0, 'role') !== 'user') return 'the first content must have the role user'
  return undefined
}
