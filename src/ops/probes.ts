import { ParleyError } from '../model/errors.ts'

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

/** How long one check may take; what takes longer counts as down, so that a probe answers within 100 ms. */
const capMs = 80

/**
 * Asks every check at once. A check that hangs is not asked again until it settles, and probes at the same moment
 * share one answer, so that a flood of probes is not a flood of queries.
 */
export function createProbe(checks: readonly Check[]): () => Promise<ProbeResult> {
  const asks = checks.map(askOnce)
  let running: Promise<ProbeResult> | undefined
  const run = async (): Promise<ProbeResult> => {
    const results = await Promise.all(asks.map((ask) => withinCap(ask())))
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

function askOnce({ check }: Check): () => Promise<CheckResult> {
  let pending: Promise<CheckResult> | undefined
  return () => {
    pending ??= settle(check).finally(() => {
      pending = undefined
    })
    return pending
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

async function withinCap(result: Promise<CheckResult>): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve({ status: 'down', detail: 'timeout' }), capMs)
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
