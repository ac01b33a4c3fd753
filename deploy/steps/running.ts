import { setTimeout as sleep } from 'node:timers/promises'

/** What `GET /api/version` tells. */
export interface Running {
  version: string
  commit: string
}

export interface Expected {
  version?: string
  /** Its first characters are enough. */
  commit?: string
}

/** Several processes may answer behind one address: as many answers in a row must be right. */
const inARow = 5
const pauseMs = 200
/** Few enough for the limit of requests of one address. */
const waitMs = 2000
const requestMs = 5000
const timesMissing = 3

/** A host and its port (`chat.acme.com:443`) would do for a URL, of a scheme nobody speaks. */
export function requireAddress(url: string): void {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Error(`"${url}" is no address, as https://chat.acme.com`)
}

/** What runs there, asked so many times at most; `undefined` when nothing answers as Parley does. */
export async function whatRan(url: string, times: number): Promise<Running | undefined> {
  for (let left = times; ; left -= 1) {
    const running = await whatRuns(url)
    if (running || left <= 1) return running
    await sleep(waitMs)
  }
}

async function whatRuns(url: string): Promise<Running | undefined> {
  try {
    const response = await fetch(new URL('/api/version', url), { signal: AbortSignal.timeout(requestMs) })
    if (!response.ok) return undefined
    const { version, commit } = Object(await response.json())
    return typeof version === 'string' && typeof commit === 'string' ? { version, commit } : undefined
  } catch {
    return undefined // Not there yet, or no more.
  }
}

const isExpected = ({ version, commit }: Running, expected: Expected): boolean =>
  (expected.version === undefined || version === expected.version) &&
  (expected.commit === undefined || commit.startsWith(expected.commit))

/** Resolves when the address says again and again that the expected version runs, and is ready; else throws what it says. */
export async function waitForVersion(
  url: string,
  expected: Expected,
  withinMs: number,
  stopped?: AbortSignal,
): Promise<Running> {
  const until = Date.now() + withinMs
  let right = 0
  for (;;) {
    stopped?.throwIfAborted()
    const running = await whatRuns(url)
    right = running && isExpected(running, expected) ? right + 1 : 0
    if (running && right >= inARow && (await isReady(url))) return running
    if (Date.now() > until) throw new Error(`${url} ${describe(running, expected)}`)
    await sleep(Math.min(right > 0 ? pauseMs : waitMs, Math.max(pauseMs, until - Date.now())))
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(requestMs) })).ok
  } catch {
    return false // It went away between two questions.
  }
}

/**
 * What the process that answers there does without, a line each: a channel, Redis, the models. Without these it is ready all the
 * same. Asked a few times, for what has just begun; empty also where nobody tells.
 */
export async function missingAt(url: string): Promise<string[]> {
  for (let left = timesMissing; ; left -= 1) {
    const missing = await missingNow(url)
    if (missing.length === 0 || left <= 1) return missing
    await sleep(waitMs)
  }
}

async function missingNow(url: string): Promise<string[]> {
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(requestMs) })
    const checks = Object.entries(Object(Object(await response.json()).checks))
    return checks.flatMap(([name, check]) => {
      const { status, detail } = Object(check)
      return status === 'down' ? [`${name} is down: ${detail ?? 'its log says why'}`] : []
    })
  } catch {
    return [] // A proxy may keep it to itself.
  }
}

function describe(running: Running | undefined, expected: Expected): string {
  if (!running) return 'does not answer /api/version'
  const wanted = [expected.version, expected.commit].filter((part) => part !== undefined).join(' ')
  return isExpected(running, expected)
    ? 'is not ready (/readyz), or not all of it runs this version'
    : `runs ${running.version} ${running.commit.slice(0, 12)}, not ${wanted}`
}
