import { listenRaw, rawAnswer } from './http.ts'

const chunk = (delta: object, finish: string | null = null, more: object = {}): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-fake',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'fake',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  })}\n\n`

const usage = { usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 } }

const answer = [
  chunk({ role: 'assistant', content: '' }),
  ...['This is ', 'the whole answer ', 'of a model ', 'that needs ', 'no time at all.'].map((content) =>
    chunk({ content }),
  ),
  chunk({}, 'stop', usage),
  'data: [DONE]\n\n',
].join('')

/** A model of the OpenAI-compatible format that answers at once. */
export const startModel = (): ReturnType<typeof listenRaw> =>
  listenRaw(() => rawAnswer(answer, 'text/event-stream; charset=utf-8'))
