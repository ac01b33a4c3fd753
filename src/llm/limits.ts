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
 * Limits of a call that may take `timeoutMs`: a provider that is silent for two fifths of it has failed, so that time
 * is left for another.
 */
export function limitsFor(timeoutMs: number, changes: Partial<CallLimits> = {}): CallLimits {
  return { timeoutMs, silenceMs: Math.ceil(timeoutMs * 0.4), ...sizes, ...changes }
}
