import type { IncomingHttpHeaders } from 'node:http'

/**
 * How long an answer asks to wait, in milliseconds: `retry-after-ms` (OpenAI), or `Retry-After` in seconds or as a
 * date (RFC 9110 §10.2.3). `undefined` when it does not say, or says nothing that can be read.
 */
export function retryAfterOf(headers: IncomingHttpHeaders, now: number): number | undefined {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN)
  if (Number.isFinite(exact) && exact >= 0) return Math.ceil(exact)
  const said = headers['retry-after']
  if (!said) return undefined
  const seconds = Number(said)
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds * 1000) : undefined
  const date = Date.parse(said)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
