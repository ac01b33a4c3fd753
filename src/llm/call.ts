import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Clock } from '../model/time.ts'
import { connectionFault } from './connection-fault.ts'
import { estimateTokens, LlmError, type LlmPart, type LlmRequest, type LlmUsage } from './llm.ts'
import { createPartQueue } from './part-queue.ts'
import { retryAfterOf } from './retry-after.ts'
import type { Post, Transport } from './transport.ts'
import { newAnswer, type WireFormat } from './wire/format.ts'
import { at, Nonsense, parseJson } from './wire/json.ts'
import { Refusal, refusalOf } from './wire/refusal.ts'
import { createSseParser } from './wire/sse.ts'

/** What a provider may cost us, whatever it does. */
export interface CallLimits {
  /** The whole call, in milliseconds. */
  timeoutMs: number
  /** Until the answer begins, and between two pieces of it, in milliseconds. */
  headersMs: number
  idleMs: number
  /** Characters of text in one answer. */
  text: number
  /** Characters in one line or event. */
  line: number
  /** Bytes of one answer, thoughts and comments included. */
  bytes: number
}

export const defaultLimits: CallLimits = {
  timeoutMs: 30_000,
  headersMs: 12_000,
  idleMs: 12_000,
  text: 1_000_000,
  line: 1_000_000,
  bytes: 16_000_000,
}

export interface Call {
  name: string
  format: WireFormat
  post: Omit<Post, 'headersMs' | 'idleMs'>
  request: LlmRequest
  limits: CallLimits
  transport: Transport
  clock: Clock
}

/** One answer under way. `close` hangs up unless the answer is over; it may be called at any time, and again. */
export interface OpenCall {
  take(): Promise<LlmPart>
  close(): void
}

/** Sends the request and reads the answer into a queue; every failure comes out of `take` as an `LlmError`. */
export function openCall(call: Call): OpenCall {
  const { name, request, limits, transport, post } = call
  const queue = createPartQueue()
  let controller: Dispatcher.DispatchController | undefined
  let closed = false

  const hangUp = (): void => {
    closed = true
    controller?.abort(new Error('hung up'))
  }
  const settle = (): void => {
    clearTimeout(timer)
    request.signal.removeEventListener('abort', onAbort)
  }
  const fail = (error: unknown, answering: boolean): void => {
    if (queue.over) return
    settle()
    const { fault, message, retryAfterMs } = connectionFault(error, answering)
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    queue.fail(new LlmError(fault, name, `${name}: ${message}`, wait))
    hangUp()
  }
  const onAbort = (): void => {
    settle()
    queue.abort(request.signal.reason)
    hangUp()
  }
  const timeoutMs = Math.min(limits.timeoutMs, request.timeoutMs ?? Number.POSITIVE_INFINITY)
  const timer = setTimeout(() => {
    fail(new Refusal('timeout', `not answered within ${timeoutMs} ms`), true)
  }, timeoutMs)
  request.signal.addEventListener('abort', onAbort, { once: true })
  if (request.signal.aborted) onAbort()
  else {
    const reader = createAnswerReader(call, queue.text, (part) => {
      if (queue.over) return
      settle()
      queue.finish(part)
    })
    transport.post({ ...post, headersMs: limits.headersMs, idleMs: limits.idleMs }, handlerOf(reader))
  }

  function handlerOf(reader: AnswerReader): Dispatcher.DispatchHandler {
    let answering = false
    const guarded = (step: () => void): void => {
      try {
        step()
      } catch (error) {
        fail(error, answering)
      }
    }
    return {
      onRequestStart: (started) => {
        controller = started
        if (closed) started.abort(new Error('hung up'))
      },
      onResponseStart: (_controller, status, headers) => {
        answering = true
        guarded(() => reader.start(status, headers))
      },
      onResponseData: (_controller, bytes) => guarded(() => reader.data(bytes)),
      onResponseEnd: () => guarded(() => reader.end()),
      onResponseError: (_controller, error) => guarded(() => reader.broken(error)),
    }
  }

  return {
    take: queue.take,
    close: () => {
      if (queue.over) return
      settle()
      hangUp()
    },
  }
}

interface AnswerReader {
  start(status: number, headers: IncomingHttpHeaders): void
  data(bytes: Uint8Array): void
  end(): void
  /** The connection broke: throws the error, unless the answer was whole. */
  broken(error: Error): void
}

/** Turns status, headers and bytes into text and a finish; throws what is wrong with them. */
function createAnswerReader(
  call: Call,
  onText: (text: string) => void,
  onFinish: (part: LlmPart) => void,
): AnswerReader {
  const { format, limits, name, request } = call
  const answer = newAnswer()
  let told = ''
  let bytesRead = 0
  let refusal: ErrorBody | undefined
  let finished = false

  const takeEvent = (data: string): void => {
    if (finished) return
    format.read(data, answer)
  }
  const finish = (): void => {
    finished = true
    const { reason = 'other' } = answer
    if (told === '') throw new Refusal('empty', `finished without text (${reason})`)
    onFinish({ type: 'finish', reason, usage: answer.usage ?? estimateUsage(request, told), model: name })
  }
  const flush = (): void => {
    if (answer.text !== '') {
      told += answer.text
      if (told.length > limits.text) throw new Nonsense(`the answer is longer than ${limits.text} characters`)
      onText(answer.text)
      answer.text = ''
    }
    if (answer.done && !finished) finish()
  }
  const parser = createSseParser(takeEvent, limits.line)

  return {
    start: (status, headers) => {
      if (status < 200) return
      if (status >= 300) refusal = createErrorBody(status, headers, call.clock)
      else checkContentType(headers['content-type'])
    },
    data: (bytes) => {
      if (refusal) return refusal.data(bytes)
      bytesRead += bytes.length
      if (bytesRead > limits.bytes) throw new Nonsense(`the answer is longer than ${limits.bytes} bytes`)
      parser.push(bytes)
      flush()
    },
    end: () => {
      if (refusal) throw refusal.refusal()
      endOfStream(parser.end)
      flush()
      if (finished) return
      if (answer.reason === undefined) throw new Refusal('cut', 'the stream ended before the answer was over')
      finish()
    },
    broken: (error) => {
      if (finished) return
      if (refusal) throw refusal.refusal()
      if (answer.reason === undefined || told === '') throw error
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

interface ErrorBody {
  data(bytes: Uint8Array): void
  refusal(): Refusal
}

const errorBodyLimit = 64 * 1024

/** Collects what a provider says with a bad status; it is cut when it is too long to be an explanation. */
function createErrorBody(status: number, headers: IncomingHttpHeaders, clock: Clock): ErrorBody {
  const parts: Uint8Array[] = []
  let size = 0
  const refusal = (): Refusal => {
    if (status < 400)
      return new Refusal('invalid', `HTTP ${status}: redirects are not followed; correct the base URL`)
    return refusalOf(
      status,
      errorIn(Buffer.concat(parts).toString('utf8')),
      retryAfterOf(headers, clock.now()),
    )
  }
  return {
    data: (bytes) => {
      size += bytes.length
      if (size > errorBodyLimit) throw refusal()
      parts.push(bytes)
    },
    refusal,
  }
}

/** The object under `error`, or the body itself: gateways differ. */
function errorIn(body: string): unknown {
  try {
    const value = parseJson(body)
    return at(value, 'error') ?? value
  } catch {
    // A gateway's HTML page: the status says enough.
    return undefined
  }
}

function estimateUsage(request: LlmRequest, text: string): LlmUsage {
  const said = request.messages.reduce((total, message) => total + estimateTokens(message.text), 0)
  return {
    inputTokens: estimateTokens(request.system) + said,
    outputTokens: estimateTokens(text),
    cachedInputTokens: 0,
    estimated: true,
  }
}
