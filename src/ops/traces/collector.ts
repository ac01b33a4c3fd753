import { Pool } from 'undici'

/** How an export ended. */
export type Export =
  | { kind: 'taken'; rejected: number; reason: string }
  /** It may be taken later; `retryAfterMs`: when the collector says so. */
  | { kind: 'away'; reason: string; retryAfterMs: number | undefined }
  /** It never will be. */
  | { kind: 'refused'; reason: string }

/** Where traces go: something that speaks OTLP over HTTP. */
export interface Collector {
  /** Never rejects. */
  post(body: string): Promise<Export>
  /** Ends every connection; an export under way is `away`. */
  close(): Promise<void>
}

export interface CollectorOptions {
  /** The whole address, such as `http://collector:4318/v1/traces`. */
  endpoint: string
  /** More headers: how the collector knows us. */
  headers: Readonly<Record<string, string>>
  /** The longest an export may take, in milliseconds. */
  timeoutMs: number
}

/** Of what is passed on to a collector behind it (https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes). */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504])
const longestAnswer = 64 * 1024

export function createCollector({ endpoint, headers, timeoutMs }: CollectorOptions): Collector {
  const { origin, pathname, search } = new URL(endpoint)
  const pool = new Pool(origin, {
    connections: 1,
    connectTimeout: timeoutMs,
    maxResponseSize: longestAnswer,
    allowH2: false,
  })
  return {
    async post(body) {
      try {
        const {
          statusCode,
          headers: answered,
          body: answer,
        } = await pool.request({
          path: pathname + search,
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(timeoutMs),
        })
        const text = await answer.text()
        if (statusCode >= 200 && statusCode < 300) return { kind: 'taken', ...partOf(text) }
        const reason = `it answers ${statusCode}`
        if (!passing.has(statusCode)) return { kind: 'refused', reason }
        return { kind: 'away', reason, retryAfterMs: secondsOf(answered['retry-after']) }
      } catch (fault) {
        return { kind: 'away', reason: reasonOf(fault, timeoutMs), retryAfterMs: undefined }
      }
    },
    close: () => pool.destroy(),
  }
}

/** What a collector did not take of what it took (https://opentelemetry.io/docs/specs/otlp/#partial-success-1). */
function partOf(text: string): { rejected: number; reason: string } {
  try {
    const { rejectedSpans, errorMessage } = Object(Object(JSON.parse(text)).partialSuccess)
    return {
      rejected: Number(rejectedSpans) || 0,
      reason: `it rejects spans: ${String(errorMessage).slice(0, 200)}`,
    }
  } catch {
    return { rejected: 0, reason: '' } // Empty, or of the other encoding: it took all.
  }
}

function secondsOf(said: unknown): number | undefined {
  const seconds = typeof said === 'string' ? Number(said) : Number.NaN
  return seconds >= 0 ? seconds * 1000 : undefined
}

function reasonOf(fault: unknown, timeoutMs: number): string {
  if (!(fault instanceof Error)) return String(fault)
  if (fault.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`
  return 'code' in fault && typeof fault.code === 'string' ? fault.code : fault.message
}
