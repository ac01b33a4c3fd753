import type { LlmFault, LlmUsed } from '../llm.ts'
import { at, textAt } from './json.ts'

/** A provider's error: what it answered with a bad status, or an error event inside a stream. */
export class Refusal extends Error {
  readonly fault: LlmFault
  readonly retryAfterMs: number | undefined
  readonly used: LlmUsed
  constructor(
    fault: LlmFault,
    message: string,
    options: { retryAfterMs?: number | undefined; used?: LlmUsed } = {},
  ) {
    super(message)
    this.fault = fault
    this.retryAfterMs = options.retryAfterMs
    this.used = options.used
  }
}

/** The words of the three formats for one thing: `type` (Anthropic, OpenAI), `code` (OpenAI), `status` (Google). */
const words: [RegExp, LlmFault][] = [
  [/insufficient_quota|billing|authentication|permission|api_key|unauthenticated/i, 'auth'],
  [/rate_limit|resource_exhausted|too_many_requests/i, 'rate_limited'],
  [/timeout|deadline/i, 'unavailable'],
  [/invalid_request|invalid_argument|not_found|too_large|failed_precondition/i, 'invalid'],
]

/** An error event of a stream; a status of 200 was sent before it. */
export function refusalInStream(error: unknown): Refusal {
  const code = Number(at(error, 'code'))
  return refusalOf(code >= 400 && code < 600 ? code : undefined, error, undefined)
}

/**
 * The fault behind an error answer. `error` is the object under `error` in the body, if there is one: it tells a wrong
 * key where the status does not (Google's 400) and an empty account from too many requests (OpenAI's 429).
 */
export function refusalOf(
  status: number | undefined,
  error: unknown,
  retryAfterMs: number | undefined,
  used?: LlmUsed,
): Refusal {
  const named = [textAt(error, 'type'), textAt(error, 'code'), textAt(error, 'status'), reasonOf(error)].join(
    ' ',
  )
  const byWord = words.find(([pattern]) => pattern.test(named))?.[1]
  const fault = status === undefined ? (byWord ?? 'unavailable') : faultOfStatus(status, byWord)
  const said = fault === 'auth' ? '' : shorten(textAt(error, 'message') || named.trim())
  const head = status === undefined ? 'error in the stream' : `HTTP ${status}`
  const message = [head, said || meaning[fault]].filter(Boolean).join(': ')
  return new Refusal(fault, message, { retryAfterMs: retryAfterMs ?? retryDelayOf(error), used })
}

const meaning: Partial<Record<LlmFault, string>> = {
  auth: 'the key is refused, or the account may not use this model',
  rate_limited: 'too many requests',
  invalid: 'check the model name and the base URL',
}

function faultOfStatus(status: number, byWord: LlmFault | undefined): LlmFault {
  if (status === 401 || status === 402 || status === 403) return 'auth'
  if (status === 429) return byWord === 'auth' ? 'auth' : 'rate_limited'
  if (status >= 500 || status === 408) return 'unavailable'
  return status === 400 && byWord === 'auth' ? 'auth' : 'invalid'
}

/** Google's ErrorInfo, https://cloud.google.com/apis/design/errors#error_info */
function reasonOf(error: unknown): string {
  const details = at(error, 'details')
  return Array.isArray(details) ? details.map((detail) => textAt(detail, 'reason')).join(' ') : ''
}

/** Google's RetryInfo: `retryDelay: "37s"`. */
function retryDelayOf(error: unknown): number | undefined {
  const details = at(error, 'details')
  if (!Array.isArray(details)) return undefined
  const delay = details
    .map((detail) => /^(\d+(?:\.\d+)?)s$/.exec(textAt(detail, 'retryDelay'))?.[1])
    .find(Boolean)
  return delay === undefined ? undefined : Math.ceil(Number(delay) * 1000)
}

const keyLike = /\b(?:sk|ak|pk|AIza)[\w*.-]{4,}/g
const longQuote = /(["'`]).{40,}\1/gs

/** One line of at most 200 characters, without anything that looks like a key or quotes the prompt at length. */
const shorten = (message: string): string =>
  message.slice(0, 2000).replace(longQuote, '"…"').replace(keyLike, '***').replace(/\s+/g, ' ').slice(0, 200)
