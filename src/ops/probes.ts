import { ParleyError } from '../model/errors.ts'
import type { Clock } from '../model/time.ts'

/** One thing that can be up or down. */
export interface Check {
  name: string
  /** Without it nothing can be accepted: the probe says `down`, not `degraded`. */
  critical: boolean
  /** Resolves with a short detail (no secrets) when up; rejects when down. A `Down` tells why, a `ParleyError` its code. */
  check(): Promise<string | undefined>
}

export interface CheckResult {
  status: 'up' | 'down'
  /** For a check that is down: the words of a `Down`, the code of another error, `timeout` or `failed`. */
  detail?: string
}

/** Why something is down, in words that everybody may read: without hosts, names and secrets. */
export class Down extends Error {}

/** What a probe answers with; `down` is HTTP 503, the others 200. */
export interface ProbeResult {
  status: 'ok' | 'degraded' | 'down'
  checks: Record<string, CheckResult>
}

/** How long a probe waits for one check, in milliseconds, so that it answers within 100 ms. */
const capMs = 80
/**
 * What is late has not failed: a full pool or a busy moment is no reason to send people elsewhere, where it is as busy. For so
 * long, in milliseconds, it counts as it was when it last answered; then as down.
 */
const trustMs = 15_000

/**
 * Asks every check at once. A check that hangs is not asked again until it settles, and probes at the same moment
 * share one answer, so that a flood of probes is not a flood of queries.
 */
export function createProbe(checks: readonly Check[], clock: Clock): () => Promise<ProbeResult> {
  const asks = checks.map((check) => askOnce(check, clock))
  let running: Promise<ProbeResult> | undefined
  const run = async (): Promise<ProbeResult> => {
    const results = await Promise.all(asks.map((ask) => ask()))
    return judge(checks, results)
  }
  return () => {
    running ??= run().finally(() => {
      running = undefined
    })
    return running
  }
}

/** 503 when down, else 200: degraded still works. */
export function statusCode({ status }: ProbeResult): 200 | 503 {
  return status === 'down' ? 503 : 200
}

function askOnce({ check }: Check, clock: Clock): () => Promise<CheckResult> {
  let pending: Promise<CheckResult> | undefined
  let last: { at: number; result: CheckResult } | undefined
  const ask = async (): Promise<CheckResult> => {
    const result = await settle(check)
    last = { at: clock.now(), result }
    pending = undefined
    return result
  }
  // A clock set back makes nothing trusted.
  const isTrusted = (): boolean => last !== undefined && Math.abs(clock.now() - last.at) < trustMs
  return async () => {
    pending ??= ask()
    const soon = await withinCap(pending)
    return soon ?? (last && isTrusted() ? last.result : { status: 'down', detail: 'timeout' })
  }
}

async function settle(check: Check['check']): Promise<CheckResult> {
  try {
    const detail = await check()
    return detail === undefined ? { status: 'up' } : { status: 'up', detail }
  } catch (error) {
    if (error instanceof Down) return { status: 'down', detail: error.message }
    // The message of another may name hosts and users; a probe is public.
    return { status: 'down', detail: error instanceof ParleyError ? error.code : 'failed' }
  }
}

/** `undefined`: it is late. */
async function withinCap(result: Promise<CheckResult>): Promise<CheckResult | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), capMs)
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}

function judge(checks: readonly Check[], results: readonly CheckResult[]): ProbeResult {
  const down = checks.filter((_, index) => results[index]?.status !== 'up')
  const status = down.some(({ critical }) => critical) ? 'down' : down.length > 0 ? 'degraded' : 'ok'
  const entries = checks.map(({ name }, index): [string, CheckResult] => [
    name,
    results[index] ?? { status: 'down' },
  ])
  return { status, checks: Object.fromEntries(entries) }
}
