import type { Doorbell } from '../coordination/coordination.ts'
import type { Place } from '../model/conversation.ts'
import { type Clock, steadyClock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Store } from '../store/store.ts'

type Account = Pick<Place, 'channel' | 'account'>
type Chat = Pick<Place, 'id' | 'channel' | 'account'>

/** Knows of accounts where nothing could be sent for a while, and cuts the waits of their replies short when it can. */
export interface Recovery {
  /**
   * A reply to this chat met a passing fault. Tells since when, in milliseconds since the epoch, all of the account is known
   * to fail, where it was known before, and nobody has got through just now: then it is not the reply's fault.
   */
  failed(chat: Chat): Promise<number | undefined>
  /** A reply was sent. */
  worked(account: Account): void
  /** Nothing is taken up any more. */
  stop(): void
}

export interface RecoveryNeeds {
  store: Pick<Store, 'read' | 'write'>
  doorbell: Pick<Doorbell, 'ring'>
  events: Pick<Events, 'waitsCutShort' | 'faulted'>
  clock: Clock
  /** For how long something lasts, whatever is done to the clock. */
  steady?: Clock
}

/** Failing for less, no reply waits for longer than a few seconds. */
const outageMs = 10_000
/**
 * How long it is remembered that an account fails. Nothing waits for much longer than an hour for its next try, so that
 * each process that goes on failing renews it in time.
 */
const rememberMs = 5 * 3_600_000
const renewMs = rememberMs / 4
/** How near to one another two chats have to fail: nothing counted waits for longer for its next try, save for what sending takes. */
const togetherMs = 6 * 60_000
/** How often who saw no failure looks whether another process did. */
const lookMs = 5000
/**
 * Replies brought forward at once, and how long until the next: who sends them sees whether it really works again. What had
 * failed when the first got through is recorded by then.
 */
const atOnce = 200
const pauseMs = 1000

/** Times are by the steady clock, where nothing else is said. */
interface State {
  /** Since when all sends fail. */
  since: number | undefined
  /** The chats that failed last, two at most, and when. */
  failing: Map<string, number>
  /** When it was marked here. */
  marked: number | undefined
  /** Not before is it looked whether replies wait. */
  lookAt: number
}

function note(failing: State['failing'], id: string, at: number): void {
  failing.delete(id)
  failing.set(id, at)
  for (const [other, before] of failing) if (failing.size > 2 || at - before >= renewMs) failing.delete(other)
}

/**
 * Whether it is to be marked now: where one chat fails alone, or another an hour later, that may be the fault of their replies.
 * Once it is known, tries are that rare. A mark of ours that is not known was taken away by a send, or by a clock put back.
 */
function isUnmarked({ since, failing, marked }: State, at: number, isKnown: boolean): boolean {
  if (since === undefined || at - since < outageMs) return false
  const together = [...failing.values()].filter((before) => at - before < (isKnown ? renewMs : togetherMs))
  return together.length >= 2 && (marked === undefined || at - marked >= (isKnown ? renewMs : outageMs))
}

/**
 * Brings forward what waits, some at once; tells whether that was all, which ends the mark. Until then all processes know that
 * somebody got through, and since when: what is tried after that waits for its own time.
 */
async function takeUp(needs: RecoveryNeeds, account: Account): Promise<boolean> {
  const { store, doorbell, events, clock } = needs
  const now = clock.now()
  const { failing, mending } = marksOf(account)
  if ((await store.read.leases.closedUntil(failing, now)) <= now) return true
  const { ids, isOver } = await store.write(async (tx) => {
    const since = Math.min((await tx.leases.closedSince(mending, now)) ?? now, now)
    const hastened = await tx.outbox.hasten(account, now, since + pauseMs, atOnce)
    const isOver = hastened.isAll && now >= since + pauseMs
    if (!isOver) await tx.leases.close(mending, since, now + outageMs)
    else for (const mark of [failing, mending]) await tx.leases.open(mark)
    return { ids: hastened.ids, isOver }
  })
  if (ids.length > 0) events.waitsCutShort({ ...account, replies: ids.length })
  for (const id of ids) doorbell.ring('outbox', id)
  return isOver
}

/** Looks, and once more after a pause while there is more to take up; where something fails meanwhile the next success looks. */
function createLooks(needs: RecoveryNeeds, fault: (err: unknown) => void) {
  const pauses = new Map<State, NodeJS.Timeout>()
  let stopped = false

  async function look(account: Account, state: State): Promise<void> {
    clearTimeout(pauses.get(state))
    const isOver = await takeUp(needs, account)
    clearTimeout(pauses.get(state))
    if (isOver || stopped) return
    const again = (): void => (state.since === undefined ? start(account, state) : undefined)
    pauses.set(state, setTimeout(again, pauseMs))
  }
  const start = (account: Account, state: State): void => void look(account, state).catch(fault)

  return {
    look: start,
    stop(): void {
      stopped = true
      for (const pause of pauses.values()) clearTimeout(pause)
    },
  }
}

const marksOf = ({ channel, account }: Account): { failing: string; mending: string } => ({
  failing: `failing:${channel}:${account}`,
  mending: `mending:${channel}:${account}`,
})

/**
 * An account that fails is marked in the database, so that any process where a send succeeds takes the waiting replies up,
 * also one that has just started.
 */
export function createRecovery(needs: RecoveryNeeds): Recovery {
  const { store, events, clock, steady = steadyClock } = needs
  const states = new Map<string, State>()
  const fault = (err: unknown): void => events.faulted({ area: 'outbox', err })
  const looks = createLooks(needs, fault)

  function stateOf(account: Account): State {
    const key = marksOf(account).failing
    const state = states.get(key) ?? {
      since: undefined,
      failing: new Map(),
      marked: undefined,
      lookAt: 0,
    }
    states.set(key, state)
    return state
  }

  return {
    async failed(chat) {
      const state = stateOf(chat)
      const { failing, mending } = marksOf(chat)
      const now = clock.now()
      const at = steady.now()
      state.since ??= at
      note(state.failing, chat.id, at)
      let known: number | undefined
      let isMending = false
      try {
        known = await store.read.leases.closedSince(failing, now)
        if (known !== undefined) isMending = (await store.read.leases.closedUntil(mending, now)) > now
      } catch (err) {
        fault(err)
        // Nothing is given up because the database does not say, nor is anything marked.
        return now
      }
      if (isUnmarked(state, at, known !== undefined)) {
        state.marked = at
        // Renewed, it goes on telling since when.
        store.write((tx) => tx.leases.close(failing, known ?? now, now + rememberMs)).catch(fault)
      }
      return isMending ? undefined : known
    },
    worked({ channel, account }) {
      const state = stateOf({ channel, account })
      const now = steady.now()
      const { since, lookAt } = state
      state.since = undefined
      state.failing.clear()
      state.marked = undefined
      if (now < lookAt && since === undefined) return
      state.lookAt = now + lookMs
      looks.look({ channel, account }, state)
    },
    stop: looks.stop,
  }
}
