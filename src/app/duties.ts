import type { ProcessRole } from '../config/config.ts'

/** What of the work is a process's own. Every process has probes, its version and metrics. */
export interface Duties {
  /** Pages, sockets and webhooks. */
  serves: boolean
  /** Turns, deliveries, and the search for forgotten ones. */
  works: boolean
  /** Fetches updates where a platform is polled, keeps the webhook registered where it is not. */
  fetches: boolean
}

export const dutiesOf: Record<ProcessRole, Duties> = {
  all: { serves: true, works: true, fetches: true },
  api: { serves: true, works: false, fetches: false },
  worker: { serves: false, works: true, fetches: false },
  poller: { serves: false, works: false, fetches: true },
}
