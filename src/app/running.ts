import { z } from 'zod'

/** What of Parley runs somewhere. */
export interface Running {
  version: string
  /** Full hash, or `unknown`. */
  commit: string
}

/** It is Parley, and says no more than that: this address asked too often. */
export const limited = 'limited'

/** Where a server that listens there is reached from this machine. */
export function localAddress(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

/** The Parley that answers at an address of this machine; `undefined` where it is another program. */
export async function runningAt(address: string): Promise<Running | typeof limited | undefined> {
  try {
    const response = await fetch(`${address}/api/version`, { signal: AbortSignal.timeout(2000) })
    return readRunning(await response.json())
  } catch {
    return undefined // Not ours, whatever it is.
  }
}

/** What `/api/version` answered with; `undefined` where that is no answer of Parley. */
export function readRunning(body: unknown): Running | typeof limited | undefined {
  return answer.safeParse(body).data
}

const answer = z.union([
  z.object({ version: z.string(), commit: z.string() }),
  z.object({ error: z.object({ code: z.literal('RATE_LIMITED') }) }).transform((): typeof limited => limited),
])
