import type { FinishReason } from '../llm.ts'
import type { AnswerState, WireFormat } from './format.ts'
import { at, countAt, Nonsense, parseJson, textAt } from './json.ts'
import { refusalInStream } from './refusal.ts'

/** Google's Gemini API, https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
export const gemini: WireFormat = {
  path: (model) =>
    `/models/${encodeURIComponent(model.replace(/^models\//, ''))}:streamGenerateContent?alt=sse`,
  body: ({ system, dialogue, maxOutputTokens, extra }) => ({
    ...(system && { systemInstruction: { parts: [{ text: system }] } }),
    contents: dialogue.map(({ role, text }) => ({
      role: role === 'assistant' ? 'model' : 'user',
      parts: [{ text }],
    })),
    generationConfig: { maxOutputTokens, ...extra },
  }),
  read,
}

/** The stream has no closing event: the answer is over when the connection says so. */
function read(data: string, answer: AnswerState): void {
  const event = parseJson(data)
  const error = at(event, 'error')
  if (error !== undefined) throw refusalInStream(error)
  const candidates = at(event, 'candidates')
  const feedback = at(event, 'promptFeedback')
  const usage = at(event, 'usageMetadata')
  if (candidates === undefined && feedback === undefined && usage === undefined) {
    throw new Nonsense('the answer holds an event without candidates')
  }
  readCandidate(at(candidates, 0), answer)
  if (textAt(feedback, 'blockReason')) answer.reason = 'refused'
  if (usage !== undefined) readUsage(usage, answer)
}

function readCandidate(candidate: unknown, answer: AnswerState): void {
  const parts = at(at(candidate, 'content'), 'parts')
  if (Array.isArray(parts)) {
    for (const part of parts) if (at(part, 'thought') !== true) answer.text += textAt(part, 'text')
  }
  const finish = textAt(candidate, 'finishReason')
  if (finish) answer.reason = reasonOf(finish)
}

function reasonOf(finish: string): FinishReason {
  if (finish === 'STOP') return 'stop'
  if (finish === 'MAX_TOKENS') return 'length'
  return filters.has(finish) ? 'refused' : 'other'
}

const filters = new Set(['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII'])

/** Thoughts are paid for as output. */
function readUsage(usage: unknown, answer: AnswerState): void {
  answer.usage = {
    inputTokens: countAt(usage, 'promptTokenCount'),
    outputTokens: countAt(usage, 'candidatesTokenCount') + countAt(usage, 'thoughtsTokenCount'),
    cachedInputTokens: countAt(usage, 'cachedContentTokenCount'),
  }
}
