import type { Dispatcher } from 'undici'

export interface ExchangeOptions {
  path: string
  body: string
  /** Longest silence before and within the answer, in milliseconds. */
  timeoutMs: number
  signal: AbortSignal | undefined
  /** Asked when it would leave. Where the answer is no it does not: rejects with `Unsent`. */
  mayLeave: (() => boolean) | undefined
}

export interface Exchanged {
  status: number
  text: string
}

/** No answer, or only part of one. */
export class Unanswered extends Error {
  /** It was on its way already: Telegram may have done what was asked. */
  readonly mayHaveArrived: boolean
  constructor(cause: Error, mayHaveArrived: boolean) {
    super(cause.message, { cause })
    this.name = 'code' in cause ? String(cause.code) : cause.name
    this.mayHaveArrived = mayHaveArrived
  }
}

/** Waited for a connection until it might no longer leave. */
export class Unsent extends Error {}

const headers = { 'content-type': 'application/json' }

/**
 * Posts JSON and reads the whole answer; rejects when there is none or `signal` aborts. Works on the dispatcher
 * itself: its `request` costs almost twice the processor time in streams nobody needs for a line of JSON.
 */
export function exchange(dispatcher: Dispatcher, options: ExchangeOptions): Promise<Exchanged> {
  const { path, body, timeoutMs, signal, mayLeave = () => true } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortion())
    let controller: Dispatcher.DispatchController | undefined
    let status = 0
    const chunks: Buffer[] = []
    const abort = (): void => {
      controller?.abort(abortion())
      reject(abortion())
    }
    const done = (): void => signal?.removeEventListener('abort', abort)
    signal?.addEventListener('abort', abort, { once: true })
    dispatcher.dispatch(
      { path, method: 'POST', headers, body, headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
      {
        onRequestStart(started) {
          // Thrown, it ends this request alone; aborted, it would take the connection with it.
          if (!mayLeave()) throw new Unsent('not sent')
          if (signal?.aborted) throw abortion()
          controller = started
        },
        onResponseStart(_controller, statusCode) {
          status = statusCode
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk)
        },
        onResponseEnd() {
          done()
          const [only] = chunks
          resolve({ status, text: (chunks.length === 1 && only ? only : Buffer.concat(chunks)).toString() })
        },
        onResponseError(_controller, error) {
          done()
          reject(error instanceof Unsent ? error : new Unanswered(error, controller !== undefined))
        },
      },
    )
  })
}

const abortion = (): Error => new Error('given up')
