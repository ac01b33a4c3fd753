import type { Answers, SourcedAnswer, Turn } from '../answers/answers.ts'
import type { Channel, Destination } from '../channels/channel.ts'
import type { Bus, Doorbell } from '../coordination/coordination.ts'
import type { Conversation } from '../model/conversation.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Faults } from '../ops/faults.ts'
import type { Store, TakenTurn, TurnCommit } from '../store/store.ts'
import { createBatch } from './batch.ts'
import { createHeartbeat } from './heartbeat.ts'
import type { Outbox } from './outbox.ts'
import { createTurnCommitter } from './turn-commit.ts'
import { composeTurn, type TurnContext } from './turn-context.ts'

export interface TurnNeeds extends TurnContext {
  store: Store
  doorbell: Doorbell
  bus: Bus
  channels: ReadonlyMap<string, Channel>
  answers: Answers
  outbox: Outbox
  events: Events
  faults: Faults
  clock: Clock
  /** Who holds the leases: one name per process. */
  holder: string
  concurrency: number
  leaseMs: number
  maxTries: number
}

export interface Turns {
  /** Gives up the turns in progress: they are due again at once, for whoever runs then. */
  abort(): void
  stop(): void
}

const takeSize = 100
const leaseLost = new Error('the lease was lost')
/** First wait before a failed turn is tried again, doubled each time. */
const retryMs = 500
const longestRetryMs = 30_000

/** Answers conversations whose bell rings. */
export function createTurns(needs: TurnNeeds): Turns {
  const { store, doorbell, bus, channels, events, faults, clock, holder, leaseMs } = needs
  const commit = createTurnCommitter(needs)
  const running = new Set<AbortController>()
  const heartbeat = createHeartbeat({
    everyMs: leaseMs / 3,
    renew: (ids) => store.write((tx) => tx.turns.renew(ids, holder, clock.now() + leaseMs)),
  })

  const take = createBatch<string, TakenTurn | undefined>({
    size: takeSize,
    flush: async (ids) => {
      const now = clock.now()
      const taken = await store.write((tx) => tx.turns.take(ids, holder, now, now + leaseMs))
      const byId = new Map(taken.map((one) => [one.conversation.id, one]))
      return ids.map((id) => byId.get(id))
    },
  })

  async function work(id: string): Promise<void> {
    const taken = await take(id)
    if (!taken) return
    faults.reach('turn.leased')
    const lost = new AbortController()
    running.add(lost)
    heartbeat.hold(id, () => lost.abort(leaseLost))
    const channel = channels.get(taken.conversation.channel)
    const destination = destinationOf(taken.conversation)
    const context = composeTurn(needs, taken, lost.signal, channel)
    bus.publish({ type: 'typing', conversationId: id, active: true })
    channel?.typing?.(destination)
    try {
      await answer(context.turn, taken, channel)
    } catch (error) {
      await failed(context.turn, taken, error)
    } finally {
      context.end()
      heartbeat.release(id)
      running.delete(lost)
      bus.publish({ type: 'typing', conversationId: id, active: false })
    }
  }

  async function answer(turn: Turn, taken: TakenTurn, channel: Channel | undefined): Promise<void> {
    const startedAt = clock.now()
    const given =
      taken.attempt > needs.maxTries ? needs.answers.apology(turn, taken.attempt - 1) : await needs.answers.answer(turn)
    faults.reach('turn.answered')
    turn.signal.throwIfAborted()
    const record = commitOf(turn, taken, given, channel, startedAt)
    const committed = await commit({ commit: record, hook: given.commit })
    const id = taken.conversation.id
    bus.publish({ type: 'changed', conversationId: id, seq: committed?.lastSeq ?? 0 })
    if (!committed) {
      events.turnLost({ conversationId: id, turnId: turn.id, attempt: turn.attempt })
      return
    }
    faults.reach('turn.committed')
    if (taken.attempt > needs.maxTries) events.turnAbandoned({ conversationId: id, turnId: turn.id, attempt: turn.attempt })
    events.turnCommitted({
      conversationId: id,
      turnId: turn.id,
      source: given.source,
      confidence: given.confidence,
      attempt: turn.attempt,
      messages: turn.messages.length,
      replies: record.replies.length,
      durationMs: record.turn.durationMs,
    })
    if (committed.pendingSince !== undefined) doorbell.ring('turn', id)
  }

  async function failed(turn: Turn, taken: TakenTurn, error: unknown): Promise<void> {
    const id = taken.conversation.id
    if (turn.signal.reason === leaseLost) {
      events.turnLost({ conversationId: id, turnId: turn.id, attempt: turn.attempt })
      return
    }
    if (turn.signal.aborted) {
      await store.write((tx) => tx.turns.release(id, holder, clock.now()))
      return
    }
    events.turnFailed({ conversationId: id, turnId: turn.id, attempt: turn.attempt, err: error })
    const delay = Math.min(retryMs * 2 ** (turn.attempt - 1), longestRetryMs)
    await store.write((tx) => tx.turns.release(id, holder, clock.now() + delay))
    doorbell.ring('turn', id, delay)
  }

  function commitOf(
    turn: Turn,
    taken: TakenTurn,
    given: SourcedAnswer,
    channel: Channel | undefined,
    startedAt: number,
  ): TurnCommit {
    const parts = given.replies.flatMap((reply) => channel?.split(reply) ?? [reply])
    return {
      conversationId: taken.conversation.id,
      token: holder,
      epoch: taken.conversation.epoch,
      through: taken.pending.at(-1)?.seq ?? 0,
      language: turn.language,
      attempt: turn.attempt,
      replies: parts.map((part) => ({ text: part.text, buttons: part.buttons })),
      repliesAre: channel?.capabilities.delivery === 'pull' ? 'sent' : 'queued',
      turn: {
        id: turn.id,
        source: given.source,
        confidence: given.confidence,
        trace: given.trace,
        inputTokens: given.usage?.inputTokens ?? 0,
        outputTokens: given.usage?.outputTokens ?? 0,
        costMicroUsd: given.usage?.costMicroUsd ?? 0,
        durationMs: clock.now() - startedAt,
        startedAt,
      },
    }
  }

  doorbell.listen('turn', needs.concurrency, (id) =>
    work(id).catch((err: unknown) => events.faulted({ area: 'turn', err, conversationId: id })),
  )
  return {
    abort() {
      for (const controller of running) controller.abort(new Error('the process stops'))
    },
    stop: heartbeat.stop,
  }
}

const destinationOf = (conversation: Conversation): Destination => ({
  conversationId: conversation.id,
  chatId: conversation.chatId,
  threadId: conversation.threadId,
  kind: conversation.kind,
})
