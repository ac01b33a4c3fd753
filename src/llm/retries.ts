import type { Clock } from '../model/time.ts'
import { type Llm, type LlmAttempt, LlmError, type LlmFault, type LlmPart, type LlmRequest } from './llm.ts'
import type { Sleep } from './pause.ts'

export interface RetryOptions {
  /** Tries in all, the first included. */
  tries: number
  /** First wait and the longest, in milliseconds; it doubles in between, with up to a half more at random. */
  backoffMs: readonly [first: number, longest: number]
  /** For all tries and waits together; the request's own `timeoutMs` holds when it is shorter. */
  timeoutMs: number
  /** Set when another model waits behind this one: then neither a timeout nor a long `Retry-After` is sat out. */
  impatient: boolean
  clock: Clock
  sleep: Sleep
  /** 0 to 1. */
  random: () => number
}

/**
 * Asks again after faults that pass. Text of a failed try is taken back with `restart`. Gives up at once when the wait
 * would outlast the time; throws the last failure.
 */
export function withRetries(llm: Llm, options: RetryOptions): Llm {
  return { name: llm.name, stream: (request) => retry(llm, request, options) }
}

async function* retry(llm: Llm, request: LlmRequest, options: RetryOptions): AsyncGenerator<LlmPart> {
  const { clock, sleep } = options
  const end = clock.now() + Math.min(options.timeoutMs, request.timeoutMs ?? Number.POSITIVE_INFINITY)
  for (let count = 1; ; count += 1) {
    const timeoutMs = Math.max(1, end - clock.now())
    const { spoke, failure } = yield* tryOnce(llm, { ...request, timeoutMs }, clock)
    if (!failure) return
    const wait = waitBefore(failure, count, end - clock.now(), options)
    if (wait === undefined) throw failure
    await sleep(wait, request.signal)
    if (spoke) yield { type: 'restart' }
  }
}

/** How a try went: whether text was passed on, and why it failed. */
interface Tried {
  spoke: boolean
  failure?: LlmError
}

/** Passes the parts of one try on and reports it. */
async function* tryOnce(llm: Llm, request: LlmRequest, clock: Clock): AsyncGenerator<LlmPart, Tried> {
  const started = clock.now()
  const report = (outcome: LlmAttempt['outcome'], more: Pick<LlmAttempt, 'error' | 'usage'>): void =>
    request.onAttempt?.({ model: llm.name, outcome, ms: clock.now() - started, ...more })
  let spoke = false
  try {
    for await (const part of llm.stream(request)) {
      spoke ||= part.type === 'text'
      if (part.type === 'finish') report('ok', { usage: part.usage })
      yield part
    }
    return { spoke }
  } catch (error) {
    if (!(error instanceof LlmError)) throw error
    report(error.fault, { error: error.message })
    return { spoke, failure: error }
  }
}

const passing: ReadonlySet<LlmFault> = new Set<LlmFault>(['rate_limited', 'unavailable', 'timeout', 'cut'])

/** The wait before the next try, or `undefined` when there is to be none. */
function waitBefore(
  failure: LlmError,
  count: number,
  left: number,
  options: RetryOptions,
): number | undefined {
  if (count >= options.tries || !passing.has(failure.fault)) return undefined
  if (options.impatient && failure.fault === 'timeout') return undefined
  const [first, longest] = options.backoffMs
  const backoff = Math.min(longest, first * 2 ** (count - 1) * (1 + options.random() / 2))
  const wait = Math.max(backoff, failure.retryAfterMs ?? 0)
  if (options.impatient && wait > longest) return undefined
  return wait < left ? wait : undefined
}
