/** What a provider may cost us, whatever it does. */
export interface CallLimits {
  /** The whole call, in milliseconds. */
  timeoutMs: number
  /** Without a sign of life: until the answer begins, and between two pieces of it; in milliseconds. */
  silenceMs: number
  /** Characters of text in one answer. */
  text: number
  /** Characters in one line or event. */
  line: number
  /** Bytes of one answer, thoughts and comments included. */
  bytes: number
}

const sizes = { text: 1_000_000, line: 1_000_000, bytes: 16_000_000 }

/**
 * Limits of a call that may take `timeoutMs` with another model behind it: silence of two fifths of it is a failure, so
 * that time is left for the next. Where none waits, `changes` allows it for all of the time.
 */
export function limitsFor(timeoutMs: number, changes: Partial<CallLimits> = {}): CallLimits {
  return { timeoutMs, silenceMs: Math.ceil(timeoutMs * 0.4), ...sizes, ...changes }
}
