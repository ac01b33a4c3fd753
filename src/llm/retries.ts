import type { Clock } from '../model/time.ts'
import { type Llm, type LlmAttempt, LlmError, type LlmFault, type LlmPart, type LlmRequest } from './llm.ts'
import type { Sleep } from './pause.ts'
import type { RetryBudget } from './retry-budget.ts'

export interface RetryOptions {
  /** Tries in all, the first included; fewer when the request has fewer left. */
  tries: number
  /** First wait and the longest, in milliseconds; it doubles in between, with up to a half more at random. */
  backoffMs: readonly [first: number, longest: number]
  /** For all tries and waits together; the request's own `timeoutMs` holds when it is shorter. */
  timeoutMs: number
  /** Models that wait behind this one: a try is kept for each, and neither a timeout nor a long `Retry-After` sat out. */
  behind: number
  /** Of the provider, shared by its models. */
  budget: RetryBudget
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
  const { clock, sleep, budget } = options
  const tries = request.tries ?? { left: options.tries }
  budget.asked()
  const end = clock.now() + Math.min(options.timeoutMs, request.timeoutMs ?? Number.POSITIVE_INFINITY)
  for (let count = 1; ; count += 1) {
    const timeoutMs = Math.max(1, end - clock.now())
    tries.left -= 1
    const { spoke, failure, report } = yield* tryOnce(llm, { ...request, timeoutMs }, clock, count > 1)
    if (!failure) return
    const isAllowed = count < options.tries && tries.left > options.behind
    const wait = isAllowed ? waitBefore(failure, count, end - clock.now(), options) : undefined
    const isRefused = wait !== undefined && !budget.take()
    report(failure.fault, { error: `${failure.message}${isRefused ? tooMany : ''}` })
    if (wait === undefined || isRefused) throw failure
    await sleep(wait, request.signal)
    if (spoke) yield { type: 'restart' }
  }
}

const tooMany = '; not tried again, too many calls of this provider were repeated'

type Report = (outcome: LlmAttempt['outcome'], more: Pick<LlmAttempt, 'error' | 'usage'>) => void

/** How a try went: whether text was passed on, and why it failed. */
interface Tried {
  spoke: boolean
  failure?: LlmError
  /** Tells of the failure; one that ended well is told already. */
  report: Report
}

/** Passes the parts of one try on. */
async function* tryOnce(
  llm: Llm,
  request: LlmRequest,
  clock: Clock,
  repeated: boolean,
): AsyncGenerator<LlmPart, Tried> {
  const started = clock.now()
  const report: Report = (outcome, more) =>
    request.onAttempt?.({
      model: llm.name,
      outcome,
      ms: clock.now() - started,
      ...(repeated && { repeated }),
      ...more,
    })
  let spoke = false
  try {
    for await (const part of llm.stream(request)) {
      spoke ||= part.type === 'text'
      if (part.type === 'finish') report('ok', { usage: part.usage })
      yield part
    }
    return { spoke, report }
  } catch (error) {
    if (!(error instanceof LlmError)) throw error
    return { spoke, failure: error, report }
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
  if (!passing.has(failure.fault)) return undefined
  const impatient = options.behind > 0
  if (impatient && failure.fault === 'timeout') return undefined
  const [first, longest] = options.backoffMs
  const backoff = Math.min(longest, first * 2 ** (count - 1) * (1 + options.random() / 2))
  const wait = Math.max(backoff, failure.retryAfterMs ?? 0)
  if (impatient && wait > longest) return undefined
  return wait < left ? wait : undefined
}
