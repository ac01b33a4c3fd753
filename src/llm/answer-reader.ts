import type { IncomingHttpHeaders } from 'node:http'
import type { CallLimits } from './limits.ts'
import { createErrorBody, type ErrorBody } from './error-body.ts'
import type { FinishReason, LlmUsage } from './llm.ts'
import { newAnswer, type WireFormat } from './wire/format.ts'
import { Nonsense } from './wire/json.ts'
import { Refusal } from './wire/refusal.ts'
import { createSseParser } from './wire/sse.ts'

/** A whole answer. `usage` is undefined when the provider reported none. */
export interface Answered {
  text: string
  reason: FinishReason
  usage: LlmUsage | undefined
}

export interface AnswerReaderOptions {
  format: WireFormat
  limits: CallLimits
  now: () => number
  onText(text: string): void
  onFinish(answered: Answered): void
}

/** Turns status, headers and bytes into text and a finish. Each step throws what is wrong with the answer. */
export interface AnswerReader {
  start(status: number, headers: IncomingHttpHeaders): void
  data(bytes: Uint8Array): void
  end(): void
  /** The connection broke: throws the error, unless the answer was whole by then. */
  broken(error: Error): void
}

export function createAnswerReader({
  format,
  limits,
  now,
  onText,
  onFinish,
}: AnswerReaderOptions): AnswerReader {
  const answer = newAnswer()
  let text = ''
  let size = 0
  let errorBody: ErrorBody | undefined
  let finished = false

  const finish = (): void => {
    if (finished) return
    const { reason = 'other', usage } = answer
    if (text === '') throw new Refusal('empty', `finished without text (${reason})`, { used: usage })
    finished = true
    onFinish({ text, reason, usage })
  }
  const flush = (): void => {
    if (answer.text !== '' && !finished) {
      text += answer.text
      if (text.length > limits.text) throw new Nonsense(`the answer is longer than ${limits.text} characters`)
      onText(answer.text)
    }
    answer.text = ''
    if (answer.done) finish()
  }
  const parser = createSseParser((data) => format.read(data, answer), limits.line)

  return {
    start: (status, headers) => {
      if (status >= 300) errorBody = createErrorBody(status, headers, now())
      else if (status >= 200) checkContentType(headers['content-type'])
    },
    data: (bytes) => {
      if (errorBody) return errorBody.data(bytes)
      size += bytes.length
      if (size > limits.bytes) throw new Nonsense(`the answer is longer than ${limits.bytes} bytes`)
      parser.push(bytes)
      flush()
    },
    end: () => {
      if (errorBody) throw errorBody.refusal()
      endOfStream(parser.end)
      flush()
      if (answer.reason === undefined) throw new Refusal('cut', 'the stream ended before the answer was over')
      finish()
    },
    broken: (error) => {
      if (errorBody) throw errorBody.refusal()
      if (answer.reason === undefined) throw error
      finish()
    },
  }
}

/** What follows the last line break may be half an event: then the stream was cut, not nonsense. */
function endOfStream(end: () => void): void {
  try {
    end()
  } catch (error) {
    if (error instanceof Nonsense) throw new Refusal('cut', 'the stream ended in the middle of an event')
    throw error
  }
}

function checkContentType(type: string | string[] | undefined): void {
  if (typeof type === 'string' && /^text\/event-stream\b/i.test(type)) return
  throw new Nonsense('the answer is not an event stream; check the base URL')
}
