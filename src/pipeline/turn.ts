import type { Channel } from '../channels/channel.ts'
import type { Doorbell } from '../coordination/coordination.ts'
import type { Said } from '../model/message.ts'
import type { SaidRange, TakenTurn } from '../store/store.ts'
import { createBatch } from './batch.ts'
import type { Grace } from './grace.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import { createLateBells } from './late-bells.ts'
import { answerTurn, type AnswerNeeds, giveBack, leaseLost, processStops } from './turn-answer.ts'
import type { Outbox } from './outbox.ts'
import { createSuspects, type Suspects } from './suspects.ts'
import { createTurnCommitter } from './turn-commit.ts'
import { composeTurn, destinationOf, isFollowed, type TurnContext } from './turn-context.ts'

export interface TurnNeeds extends Omit<TurnContext, 'readSaid'>, Omit<AnswerNeeds, 'commit'> {
  doorbell: Doorbell
  channels: ReadonlyMap<string, Channel>
  outbox: Outbox
  grace: Grace
  concurrency: number
  leaseMs: number
}

export interface Turns {
  /** Gives up the turns in progress: they are due again at once, for whoever runs then. */
  abort(): void
  stop(): void
}

const takeSize = 100
/**
 * What is answered already leaves first: a message that waits costs less than a reply that does. But no longer than this
 * for each take, in milliseconds: a platform that takes nothing holds up no other.
 */
const longestYieldMs = 200
/** A bell rings when its work is due by the clock of the process that rings; ours may be behind by this much. */
const clockSlackMs = 25
/** Longer than all models, tries and waits together; what takes longer hangs. */
const longestTurnMs = 300_000

/** Answers conversations whose bell rings. */
export function createTurns(needs: TurnNeeds): Turns {
  const { store, doorbell, outbox, events, clock, holder, leaseMs } = needs
  const running = new Set<AbortController>()
  const suspects = createSuspects(needs.maxTries)
  const heartbeat = createHeartbeat({
    everyMs: leaseMs / 3,
    renew: (ids) => store.write((tx) => tx.turns.renew(ids, holder, clock.now() + leaseMs), { brief: true }),
  })
  const take = createBatch<string, TakenTurn | undefined>({
    size: takeSize,
    gatherMs: store.gatherMs,
    flush: async (ids) => {
      await outbox.relieved(longestYieldMs)
      const now = clock.now()
      const begun = await takeApart(needs, suspects, ids, now)
      // Whom they waited for may have come to its end meanwhile.
      for (const next of suspects.next()) doorbell.ring('turn', next)
      const byId = new Map(begun.map((one) => [one.conversation.id, one]))
      ringLater(
        ids.filter((id) => !byId.has(id)),
        now,
      )
      return ids.map((id) => byId.get(id))
    },
  })
  function ended(id: string): void {
    suspects.end(id)
    for (const next of suspects.next()) doorbell.ring('turn', next)
  }
  const ringLater = createLateBells({
    ...needs,
    kind: 'turn',
    later: (ids, now) => store.read.turns.later(ids, now, leaseMs),
  })
  const readSaid = createBatch<SaidRange, Said[]>({
    size: takeSize,
    gatherMs: store.gatherMs,
    flush: (asked) => store.read.messages.said(asked),
  })
  const work = createWorker({ ...needs, readSaid, commit: createTurnCommitter(needs) }, heartbeat, running)

  doorbell.listen('turn', needs.concurrency, async (id) => {
    try {
      const taken = await take(id)
      if (taken) await work(taken).finally(() => ended(id))
    } catch (err) {
      events.faulted({ area: 'turn', err, conversationId: id })
    }
  })
  return {
    abort() {
      for (const controller of running) controller.abort(processStops)
    },
    stop: heartbeat.stop,
  }
}

/** Takes what is due; of turns that may end the process, one. */
async function takeApart(
  { store, events, grace, holder, leaseMs }: TurnNeeds,
  suspects: Suspects,
  ids: string[],
  now: number,
): Promise<TakenTurn[]> {
  const { begun, waiting } = await grace.write((own) =>
    store.write(
      async (tx) => {
        const taken = await tx.turns.take(ids, holder, now + clockSlackMs, now + leaseMs, own)
        const waiting = suspects.waiting(taken)
        // Given back before any of them begins: else the end of the process were a try of theirs, too.
        for (const { conversation, dueAt } of waiting)
          await tx.turns.release(conversation.id, holder, dueAt, false)
        return { begun: taken.filter((one) => !waiting.includes(one)), waiting }
      },
      { brief: true },
    ),
  )
  suspects.wait(waiting)
  for (const one of begun) {
    const { conversation, attempt } = one
    if (suspects.begin(one)) events.turnSuspected({ conversationId: conversation.id, attempt })
  }
  return begun
}

/** Works on one taken turn, showing that it does, with its lease kept alive. */
function createWorker(
  needs: TurnNeeds & TurnContext & AnswerNeeds,
  heartbeat: Heartbeat,
  running: Set<AbortController>,
): (taken: TakenTurn) => Promise<void> {
  const { store, bus, channels, faults, holder } = needs
  return async (taken) => {
    faults.reach('turn.leased')
    const { conversation } = taken
    const channel = channels.get(conversation.channel)
    // Its bell was rung where another bot runs, whose sweep finds it again.
    if (channel?.account !== conversation.account)
      return store.write((tx) => tx.turns.release(conversation.id, holder, taken.dueAt, false))
    const controller = new AbortController()
    const { turn, end, charges } = composeTurn(needs, taken, controller.signal, channel)
    running.add(controller)
    const tooLong = setTimeout(() => controller.abort(new Error('the turn took too long')), longestTurnMs)
    heartbeat.hold(conversation.id, () => controller.abort(leaseLost))
    const startedAt = needs.clock.now()
    const work = { turn, taken, charges, channel, startedAt, began: performance.now() }
    const showTyping = (active: boolean): void => {
      if (isFollowed(channel)) bus.publish({ type: 'typing', conversationId: conversation.id, active })
    }
    showTyping(true)
    channel?.typing?.(destinationOf(conversation))
    let isAnswered = false
    try {
      isAnswered = await answerTurn(needs, work).finally(() => clearTimeout(tooLong))
    } catch (error) {
      await giveBack(needs, work, error)
    } finally {
      end()
      heartbeat.release(conversation.id)
      running.delete(controller)
      // An answer says it by itself.
      if (!isAnswered) showTyping(false)
    }
  }
}
