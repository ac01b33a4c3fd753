import type { Doorbell } from '../coordination/coordination.ts'
import type { Place } from '../model/conversation.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Store } from '../store/store.ts'

type Account = Pick<Place, 'channel' | 'account'>

/** Knows of accounts where nothing could be sent for a while, and cuts the waits of their replies short when it can. */
export interface Recovery {
  /**
   * A reply met a passing fault. Tells whether all of the account was known to fail before: then it is not the reply's
   * fault.
   */
  failed(account: Account): Promise<boolean>
  /** A reply was sent. */
  worked(account: Account): void
}

export interface RecoveryNeeds {
  store: Pick<Store, 'read' | 'write'>
  doorbell: Pick<Doorbell, 'ring'>
  events: Pick<Events, 'waitsCutShort' | 'faulted'>
  clock: Clock
}

/** Failing for less, no reply waits for longer than a few seconds; nor is it one chat that fails beside others that work. */
const outageMs = 10_000
/**
 * How long it is remembered that an account fails. Nothing waits for longer than five minutes for its next try, so that
 * each process that goes on failing renews it in time.
 */
const rememberMs = 1_800_000
/** How often who saw no failure looks whether another process did. */
const lookMs = 5000
/** Replies brought forward at once, and how long until the next: who sends them sees whether it really works again. */
const atOnce = 200
const pauseMs = 1000

interface State {
  /** Since when all sends fail. */
  since: number | undefined
  markedAt: number
  /** Not before is it looked whether replies wait. */
  lookAt: number
}

/**
 * An account that fails is marked in the database, so that any process where a send succeeds takes the waiting replies up,
 * also one that has just started.
 */
export function createRecovery({ store, doorbell, events, clock }: RecoveryNeeds): Recovery {
  const states = new Map<string, State>()
  const markOf = ({ channel, account }: Account): string => `failing:${channel}:${account}`
  const fault = (err: unknown): void => events.faulted({ area: 'outbox', err })

  function stateOf(account: Account): State {
    const key = markOf(account)
    const state = states.get(key) ?? { since: undefined, markedAt: 0, lookAt: 0 }
    states.set(key, state)
    return state
  }

  async function takeUp(account: Account, state: State): Promise<void> {
    const now = clock.now()
    if ((await store.read.leases.closedUntil(markOf(account), now)) <= now) return
    const ids = await store.write(async (tx) => {
      const hastened = await tx.outbox.hasten(account, now, atOnce)
      if (hastened.length < atOnce) await tx.leases.open(markOf(account))
      return hastened
    })
    if (ids.length === atOnce) state.lookAt = now + pauseMs
    if (ids.length > 0) events.waitsCutShort({ ...account, replies: ids.length })
    for (const id of ids) doorbell.ring('outbox', id)
  }

  return {
    async failed({ channel, account }) {
      const state = stateOf({ channel, account })
      const mark = markOf({ channel, account })
      const now = clock.now()
      state.since ??= now
      const isKnown = await store.read.leases.closedUntil(mark, now).then(
        (until) => until > now,
        // Nothing is given up because the database does not say.
        (err: unknown) => (fault(err), true),
      )
      const { since, markedAt } = state
      if (since !== undefined && now - since >= outageMs && now - markedAt >= rememberMs / 4) {
        state.markedAt = now
        store.write((tx) => tx.leases.close(mark, now, now + rememberMs)).catch(fault)
      }
      return isKnown
    },
    worked({ channel, account }) {
      const state = stateOf({ channel, account })
      const now = clock.now()
      const { since, lookAt } = state
      state.since = undefined
      state.markedAt = 0
      if (now < lookAt && lookAt - now <= lookMs && since === undefined) return
      state.lookAt = now + lookMs
      takeUp({ channel, account }, state).catch(fault)
    },
  }
}
