import type { LlmFault } from './llm.ts'
import { Nonsense } from './wire/json.ts'
import { Refusal } from './wire/refusal.ts'
import { SseTooLong } from './wire/sse.ts'

interface Fault {
  fault: LlmFault
  message: string
  retryAfterMs?: number | undefined
}

/**
 * What went wrong with a call, from whatever was thrown below it. `answering`: the provider had begun to answer.
 * Says codes only: undici's own words may hold addresses and header values.
 */
export function connectionFault(error: unknown, answering: boolean): Fault {
  if (error instanceof Refusal)
    return { fault: error.fault, message: error.message, retryAfterMs: error.retryAfterMs }
  if (error instanceof Nonsense) return { fault: 'invalid', message: error.message }
  if (error instanceof SseTooLong)
    return { fault: 'invalid', message: 'the answer holds a line over the limit' }
  const code = codeOf(error)
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return { fault: 'invalid', message: `the answer is not HTTP (${code})` }
  }
  if (answering)
    return { fault: 'cut', message: `the connection broke in the middle of the answer (${code})` }
  return { fault: 'unavailable', message: `no connection (${code})` }
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown'
}
