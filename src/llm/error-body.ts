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
      return new Refusal('invalid', `HTTP ${status}: redirects are not followed; correct the base URL`)
    return refusalOf(status, errorIn(Buffer.concat(parts).toString('utf8')), retryAfterOf(headers, now))
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
