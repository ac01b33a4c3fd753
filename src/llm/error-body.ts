import type { IncomingHttpHeaders } from 'node:http'
import { retryAfterOf } from './retry-after.ts'
import { at, parseJson } from './wire/json.ts'
import { Refusal, refusalOf } from './wire/refusal.ts'

/** What a provider says with a bad status. */
export interface ErrorBody {
  /** Takes more of it; throws the refusal when it is too long to be an explanation. */
  data(bytes: Uint8Array): void
  refusal(): Refusal
}

const limit = 64 * 1024

export function createErrorBody(status: number, headers: IncomingHttpHeaders, now: number): ErrorBody {
  const parts: Uint8Array[] = []
  let size = 0
  const refusal = (): Refusal => {
    if (status < 400)
      return new Refusal('invalid', `HTTP ${status}: redirects are not followed; correct the base URL`, {
        used: 'nothing',
      })
    const body = Buffer.concat(parts).toString('utf8')
    const used = isRefusedUnread(status, body) ? 'nothing' : undefined
    return refusalOf(status, errorIn(body), retryAfterOf(headers, now), used)
  }
  return {
    data: (bytes) => {
      size += bytes.length
      if (size > limit) throw refusal()
      parts.push(bytes)
    },
    refusal,
  }
}

/**
 * Turned away before any model saw it: the request was bad, or there was no room for it (503, and Anthropic's 529).
 * Behind another 5xx a model may have worked, and somebody may be charged for it; Azure charges for prompts that its
 * filter has read and refused with 400.
 */
const isRefusedUnread = (status: number, body: string): boolean =>
  (status < 500 || status === 503 || status === 529) && !body.includes('content_filter')

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
