import type { Dispatcher } from 'undici'
import { type Answered, type AnswerReader, createAnswerReader } from './answer-reader.ts'
import { connectionFault } from './connection-fault.ts'
import type { CallLimits } from './limits.ts'
import {
  estimateTokens,
  LlmError,
  type LlmPart,
  type LlmRequest,
  type LlmUsage,
  type LlmUsed,
} from './llm.ts'
import { createPartQueue, type PartQueue } from './part-queue.ts'
import type { Post, Transport } from './transport.ts'
import type { WireFormat } from './wire/format.ts'
import { Refusal } from './wire/refusal.ts'

export interface Call {
  name: string
  /** Kept out of every error. */
  key: string
  format: WireFormat
  post: Post
  request: LlmRequest
  limits: CallLimits
  transport: Transport
  now: () => number
}

/** One answer under way. */
export interface OpenCall {
  /** The next part; rejects with an `LlmError` or the reason of the request's signal. */
  take(): Promise<LlmPart>
  /** Hangs up unless the answer is over. */
  close(): void
}

/** Sends the request and reads its answer into a queue. */
export function openCall(call: Call): OpenCall {
  const { request, post } = call
  const queue = createPartQueue()
  const line = createLine()
  const fail = (error: unknown, answering: boolean): void => {
    if (!queue.over) {
      settle()
      queue.fail(errorOf(call, error, answering, line.used()))
    }
    line.hangUp()
  }
  const onAbort = (): void => {
    settle()
    queue.abort(request.signal.reason)
    line.hangUp()
  }
  const watch = watchTime(call, fail)
  const settle = (): void => {
    watch.stop()
    request.signal.removeEventListener('abort', onAbort)
  }
  request.signal.addEventListener('abort', onAbort, { once: true })
  try {
    call.transport.post(post, handlerOf(readerInto(queue, call, settle), line, watch, fail))
  } catch (error) {
    fail(error, false)
  }
  return {
    take: queue.take,
    close: () => {
      if (queue.over) return
      settle()
      line.hangUp()
    },
  }
}

type Fail = (error: unknown, answering: boolean) => void

/** Two clocks of one call: for all of it, and for silence. */
interface Watch {
  signOfLife(): void
  stop(): void
}

function watchTime({ limits, request }: Call, fail: Fail): Watch {
  const timeoutMs = Math.min(limits.timeoutMs, request.timeoutMs ?? Number.POSITIVE_INFINITY)
  const fire = (message: string): void => fail(new Refusal('timeout', message), true)
  const whole = setTimeout(fire, timeoutMs, `not answered within ${timeoutMs} ms`)
  const silence = setTimeout(fire, limits.silenceMs, `silent for ${limits.silenceMs} ms`)
  return {
    signOfLife: () => void silence.refresh(),
    stop: () => {
      clearTimeout(whole)
      clearTimeout(silence)
    },
  }
}

/** The connection's end that is ours. It may be hung up before there is a connection. */
interface Line {
  /** The request leaves on this connection now. */
  connected(controller: Dispatcher.DispatchController): void
  /** A request that never left used nothing. */
  used(): LlmUsed
  hangUp(): void
}

function createLine(): Line {
  let controller: Dispatcher.DispatchController | undefined
  let down = false
  return {
    connected: (established) => {
      controller = established
      if (down) established.abort(new Error('hung up'))
    },
    used: () => (controller ? undefined : 'nothing'),
    hangUp: () => {
      down = true
      controller?.abort(new Error('hung up'))
    },
  }
}

function handlerOf(reader: AnswerReader, line: Line, watch: Watch, fail: Fail): Dispatcher.DispatchHandler {
  let answering = false
  const guard = (step: () => void): void => {
    try {
      step()
    } catch (error) {
      fail(error, answering)
    }
  }
  return {
    onRequestStart: line.connected,
    onResponseStart: (_controller, status, headers) => {
      answering = true
      watch.signOfLife()
      guard(() => reader.start(status, headers))
    },
    onResponseData: (_controller, bytes) => {
      watch.signOfLife()
      guard(() => reader.data(bytes))
    },
    onResponseEnd: () => guard(reader.end),
    onResponseError: (_controller, error) => guard(() => reader.broken(error)),
  }
}

function readerInto(queue: PartQueue, call: Call, settle: () => void): AnswerReader {
  const { format, limits, now, request, name } = call
  const onFinish = ({ text, reason, usage }: Answered): void => {
    if (queue.over) return
    settle()
    queue.finish({ type: 'finish', reason, usage: usage ?? estimateUsage(request, text), model: name })
  }
  return createAnswerReader({ format, limits, now, onText: queue.text, onFinish })
}

function errorOf({ name, key }: Call, error: unknown, answering: boolean, ofLine: LlmUsed): LlmError {
  const { fault, message, retryAfterMs } = connectionFault(error, answering)
  const words = key === '' ? message : message.replaceAll(key, '***')
  const used = error instanceof Refusal ? (error.used ?? ofLine) : ofLine
  return new LlmError(fault, name, `${name}: ${words}`, { retryAfterMs, used })
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
