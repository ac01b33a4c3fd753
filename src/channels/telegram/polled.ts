import type { Clock } from '../../model/time.ts'
import { soon } from '../../ops/soon.ts'
import type { ChannelStatus } from '../channel.ts'
import type { Lease } from './lease.ts'

export interface PolledNeeds {
  lease: Pick<Lease, 'until'>
  /** Of the lease that a process must hold to poll. */
  name: string
  clock: Clock
  /** For how long there was no sign of one, whatever is done to the clock. */
  steady: Clock
}

/** Between two looks a process that polls extends its lease, in milliseconds. */
export const polledLookMs = 5000
/** A poller that is replaced or started again is away for less, in milliseconds: some lengths of its lease. */
const graceMs = 36_000

const unknown: ChannelStatus = { state: 'starting', detail: 'looking for the process that fetches messages' }
const polled: ChannelStatus = { state: 'up', detail: 'another process receives' }
const unpolled: ChannelStatus = {
  state: 'down',
  detail: 'no process fetches the messages of this bot: start one with --role poller',
  fault: 'unfetched',
}

/**
 * Looks whether another process polls: its lease moves then, whatever its clock says. What was seen stays until there was no
 * sign of one for as long as a poller may be away; while the store is away nothing is counted. The same status is the same
 * object.
 */
export function createPolledLook({ lease, name, clock, steady }: PolledNeeds): () => Promise<ChannelStatus> {
  let seen = unknown
  let before: { until: number | undefined } | undefined
  let idleSince: number | undefined

  function judge(isPolled: boolean): ChannelStatus {
    if (isPolled) {
      idleSince = undefined
      return polled
    }
    idleSince ??= steady.now()
    return steady.now() - idleSince < graceMs ? seen : unpolled
  }

  return async () => {
    try {
      const until = await soon(lease.until(name))
      const isPolled = until !== undefined && (before ? until !== before.until : until > clock.now())
      before = { until }
      seen = judge(isPolled)
    } catch {
      // The database is away, which its own check tells.
      idleSince = undefined
    }
    return seen
  }
}
