import type { FinishReason } from '../llm.ts'
import type { AnswerState, WireFormat, WireRequest } from './format.ts'
import { at, countAt, Nonsense, parseJson, textAt } from './json.ts'
import { refusalInStream } from './refusal.ts'

/** Anthropic's Messages API, https://docs.anthropic.com/en/api/messages-streaming */
export const anthropic: WireFormat = {
  path: () => '/messages',
  body: ({ model, system, dialogue, maxOutputTokens, extra }: WireRequest) => ({
    model,
    max_tokens: maxOutputTokens,
    ...(system && { system }),
    messages: dialogue.map(({ role, text }) => ({ role, content: text })),
    stream: true,
    ...extra,
  }),
  read,
}

function read(data: string, answer: AnswerState): void {
  const event = parseJson(data)
  switch (at(event, 'type')) {
    case 'content_block_delta': {
      const delta = at(event, 'delta')
      if (at(delta, 'type') === 'text_delta') answer.text += textAt(delta, 'text')
      return
    }
    case 'message_start':
      return readUsage(at(at(event, 'message'), 'usage'), answer)
    case 'message_delta':
      answer.reason = reasons[textAt(at(event, 'delta'), 'stop_reason')] ?? 'other'
      return readUsage(at(event, 'usage'), answer)
    case 'message_stop':
      answer.done = true
      return
    case 'error':
      throw refusalInStream(at(event, 'error'))
    default:
      // New kinds of events may come at any time and are to be skipped, says the reference.
      if (textAt(event, 'type') === '') throw new Nonsense('the answer holds an event without a type')
  }
}

const reasons: Record<string, FinishReason> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refused',
}

/** The first event tells the input, which leaves out what the cache read or wrote; the last one the output. */
function readUsage(usage: unknown, answer: AnswerState): void {
  if (usage === undefined) return
  const cached = countAt(usage, 'cache_read_input_tokens')
  const input = countAt(usage, 'input_tokens') + countAt(usage, 'cache_creation_input_tokens') + cached
  answer.usage = {
    inputTokens: input || (answer.usage?.inputTokens ?? 0),
    outputTokens: countAt(usage, 'output_tokens'),
    cachedInputTokens: cached || (answer.usage?.cachedInputTokens ?? 0),
  }
}
