import { setTimeout as sleep } from 'node:timers/promises'
import type { Answers, SourcedAnswer, Turn } from '../answers/answers.ts'
import type { Channel } from '../channels/channel.ts'
import type { Bus, Doorbell } from '../coordination/coordination.ts'
import { isDatabaseAway } from '../model/errors.ts'
import type { Charge } from '../model/money.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Faults } from '../ops/faults.ts'
import type { Store, TakenTurn, TurnCommit, TurnCommitted } from '../store/store.ts'
import type { PendingCommit, Settle } from './turn-commit.ts'

export interface AnswerNeeds {
  store: Store
  doorbell: Doorbell
  bus: Bus
  answers: Answers
  events: Events
  faults: Faults
  clock: Clock
  /** Who holds the leases: one name per process. */
  holder: string
  /** Tries of one turn before its messages are set aside with an apology. */
  maxTries: number
  settle: Settle
  commit(pending: PendingCommit): Promise<TurnCommitted | undefined>
}

/** A turn that was taken, and what its answers have spent on models so far. */
export interface TurnAtWork {
  turn: Turn
  taken: TakenTurn
  charges: readonly Charge[]
  channel: Channel | undefined
  /** Milliseconds since the epoch. */
  startedAt: number
  /** The same moment by `performance.now()`: how long it takes is not for a clock that may be set. */
  began: number
}

/** Why a turn was aborted: somebody else has the conversation now. */
export const leaseLost = new Error('the lease was lost')
/** Why a turn was aborted: the next process answers. */
export const processStops = new Error('the process stops')

/** How long a database that is away is waited for with an answer in hand, and between two tries. */
const insistMs = 60_000
const longestInsistMs = 5000
/** First wait before a failed turn is tried again, doubled each time. */
const retryMs = 500
const longestRetryMs = 5000

/**
 * Asks the answers and commits what they say; nothing is changed when the lease or the ownership was lost. Tells whether
 * there is something new to read.
 */
export async function answerTurn(needs: AnswerNeeds, work: TurnAtWork): Promise<boolean> {
  const { answers, bus, doorbell, events, faults, maxTries } = needs
  const { turn, charges } = work
  const conversationId = turn.conversation.id
  const abandoned = turn.attempt > maxTries
  const given = abandoned
    ? answers.apology(turn, turn.attempt - 1)
    : await heeding(turn, answers.answer(turn))
  faults.reach('turn.answered')
  turn.signal.throwIfAborted()
  const commit = commitOf(needs, work, given)
  const committed = await insisting(turn.signal, () => needs.commit({ commit, hook: given.commit, charges }))
  bus.publish({ type: 'changed', conversationId, seq: committed?.lastSeq ?? 0 })
  const about = aboutOf(work)
  if (!committed) {
    events.turnLost(about)
    return false
  }
  faults.reach('turn.committed')
  if (abandoned) events.turnAbandoned(about)
  events.turnCommitted({
    ...about,
    source: given.source,
    confidence: given.confidence,
    messages: turn.messages.length,
    replies: commit.replies.length,
    durationMs: commit.turn.durationMs,
    abandoned,
  })
  if (committed.pendingSince !== undefined) doorbell.ring('turn', conversationId)
  return commit.replies.length > 0
}

/**
 * The messages of a turn that failed are due again later; of one given up at the end of the process, at once. What it
 * cost stays spent.
 */
export async function giveBack(needs: AnswerNeeds, work: TurnAtWork, error: unknown): Promise<void> {
  const { store, bus, doorbell, events, clock, holder, settle } = needs
  const { turn, charges } = work
  const { signal, attempt, conversation } = turn
  const about = aboutOf(work)
  if (signal.reason === leaseLost) {
    events.turnLost(about)
    if (charges.length > 0) (await store.write((tx) => settle(tx, charges)))()
    return
  }
  const stopped = signal.reason === processStops
  const delay = stopped ? 0 : Math.min(retryMs * 2 ** (attempt - 1), longestRetryMs)
  if (!stopped) events.turnFailed({ ...about, err: error })
  // Neither a restart nor a database that is away is the fault of the message.
  const counts = !stopped && !isDatabaseAway(error)
  const release = () =>
    store.write(async (tx) => {
      await tx.turns.release(conversation.id, holder, clock.now() + delay, counts)
      return settle(tx, charges)
    })
  // What is not given back was a try, and an outage would be the fault of the message after all.
  const report = await (signal.aborted ? release() : insisting(signal, release, Infinity))
  report()
  // The commit may have happened although its acknowledgement was lost.
  bus.publish({ type: 'changed', conversationId: conversation.id, seq: 0 })
  doorbell.ring('turn', conversation.id, delay)
}

/** What is told of every turn. */
const aboutOf = ({ turn, taken, startedAt }: TurnAtWork) => ({
  conversationId: turn.conversation.id,
  turnId: turn.id,
  channel: turn.conversation.channel,
  attempt: turn.attempt,
  arrivedAt: taken.pending[0]?.createdAt ?? startedAt,
  dueAt: taken.dueAt,
  startedAt,
})

/** The answer, or the reason of the turn's signal: an answerer that does not listen holds nobody up. */
async function heeding<T>({ signal }: Turn, answer: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([answer, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * What was paid for is not thrown away because the database is away for a moment. A lease that is lost meanwhile is asked
 * about once more: a try whose acknowledgement was lost may be what ended it.
 */
async function insisting<T>(signal: AbortSignal, commit: () => Promise<T>, forMs = insistMs): Promise<T> {
  const began = performance.now()
  for (let wait = retryMs; ; wait = Math.min(2 * wait, longestInsistMs)) {
    const isLast = signal.aborted
    try {
      return await commit()
    } catch (error) {
      if (isLast || !isDatabaseAway(error) || performance.now() - began > forMs) throw error
      await sleep(wait, undefined, { signal }).catch(() => {
        if (signal.reason !== leaseLost) signal.throwIfAborted()
      })
    }
  }
}

function commitOf(
  { holder }: AnswerNeeds,
  { turn, taken, channel, startedAt, began }: TurnAtWork,
  given: SourcedAnswer,
): TurnCommit {
  const parts = given.replies.flatMap((reply) => channel?.split(reply) ?? [reply])
  return {
    conversationId: turn.conversation.id,
    token: holder,
    epoch: turn.conversation.epoch,
    through: taken.pending.at(-1)?.seq ?? 0,
    language: turn.language,
    attempt: turn.attempt,
    replies: parts.map(({ text, buttons }) => ({ text, buttons })),
    repliesAre: channel?.capabilities.delivery === 'pull' ? 'sent' : 'queued',
    turn: {
      id: turn.id,
      source: given.source,
      confidence: given.confidence,
      trace: given.trace,
      inputTokens: given.usage?.inputTokens ?? 0,
      outputTokens: given.usage?.outputTokens ?? 0,
      costMicroUsd: given.usage?.costMicroUsd ?? 0,
      durationMs: performance.now() - began,
      startedAt,
    },
  }
}
