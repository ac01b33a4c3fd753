import type { FinishReason } from '../llm.ts'
import type { AnswerState, WireFormat } from './format.ts'
import { at, countAt, Nonsense, parseJson, textAt } from './json.ts'
import { Refusal, refusalInStream } from './refusal.ts'

/** OpenAI's Chat Completions, which most others speak too: https://platform.openai.com/docs/api-reference/chat-streaming */
export const chatCompletions: WireFormat = {
  path: () => '/chat/completions',
  body: ({ model, system, dialogue, maxOutputTokens, extra }) => ({
    model,
    max_tokens: maxOutputTokens,
    messages: [
      ...(system ? [{ role: 'system', content: system }] : []),
      ...dialogue.map(({ role, text }) => ({ role, content: text })),
    ],
    stream: true,
    stream_options: { include_usage: true },
    ...extra,
  }),
  read,
}

function read(data: string, answer: AnswerState): void {
  if (data === '[DONE]') {
    answer.done = true
    return
  }
  const event = parseJson(data)
  const error = at(event, 'error')
  if (error !== undefined && error !== null) throw refusalInStream(error)
  const choices = at(event, 'choices')
  if (!Array.isArray(choices)) throw new Nonsense('the answer holds an event without choices')
  readChoice(choices[0], answer)
  readUsage(at(event, 'usage'), answer)
}

function readChoice(choice: unknown, answer: AnswerState): void {
  const delta = at(choice, 'delta')
  answer.text += textAt(delta, 'content')
  const refusal = textAt(delta, 'refusal')
  if (refusal) {
    answer.text += refusal
    answer.reason = 'refused'
  }
  const finish = textAt(choice, 'finish_reason')
  // DeepSeek's word for having run out of machines in mid-answer.
  if (finish === 'insufficient_system_resource')
    throw new Refusal('unavailable', 'interrupted for lack of resources')
  if (finish && answer.reason !== 'refused') answer.reason = reasons[finish] ?? 'other'
}

const reasons: Record<string, FinishReason> = { stop: 'stop', length: 'length', content_filter: 'refused' }

/** `prompt_cache_hit_tokens` is DeepSeek's name for the cached part. */
function readUsage(usage: unknown, answer: AnswerState): void {
  if (usage === undefined || usage === null) return
  const cached = countAt(at(usage, 'prompt_tokens_details'), 'cached_tokens')
  answer.usage = {
    inputTokens: countAt(usage, 'prompt_tokens'),
    outputTokens: countAt(usage, 'completion_tokens'),
    cachedInputTokens: cached || countAt(usage, 'prompt_cache_hit_tokens'),
  }
}
