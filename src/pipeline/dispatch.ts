import type { Channel, SendFault } from '../channels/channel.ts'
import { type Clock, steadyClock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Faults } from '../ops/faults.ts'
import type { Delivery, DeliveryOutcome } from '../store/store.ts'
import type { Recovery } from './recovery.ts'

export interface DispatchPolicy {
  /** What to do with a reply that may have arrived: its sender died before recording it, or the answer got lost. */
  uncertain: 'resend' | 'hold'
  maxTries: number
}

export interface DispatchNeeds extends DispatchPolicy {
  recovery: Recovery
  channels: ReadonlyMap<string, Channel>
  events: Events
  faults: Faults
  clock: Clock
  /** For how long something lasts, whatever is done to the clock. */
  steady?: Clock
}

const firstRetryMs = 1000
const longestRetryMs = 300_000
/** What got no answer may have arrived each time: the rarer it is tried again, the fewer copies there are. */
const longestUnansweredMs = 3_600_000
/** A channel that is not running here now, or as another bot, may be tomorrow: its replies wait. */
const noChannelMs = 30_000
/**
 * For so long since the platform fails, or since it is there, tries of a reply that may have arrived do not count: what was
 * taken all the same is not repeated without end.
 */
const uncountedMs = 6 * 3_600_000

/** A fault of ours, which tells nothing of how far the sending had come. */
const thrown: SendFault = { kind: 'unknown', reason: 'the channel failed; the log has the details' }

/**
 * Sends one reply and decides what becomes of it. `before`: when its lane may be another process's, by the steady clock;
 * from then on it is not sent.
 */
export function createDispatcher(
  needs: DispatchNeeds,
): (delivery: Delivery, before: number) => Promise<DeliveryOutcome> {
  const { channels, events, faults, clock, recovery, steady = steadyClock } = needs
  /** Accounts the platform told to wait, and until when by the steady clock. */
  const closed = new Map<string, number>()

  const close = (account: string, until: number): void =>
    void closed.set(account, Math.max(until, closed.get(account) ?? 0))

  async function dispatch(delivery: Delivery, before: number): Promise<DeliveryOutcome> {
    const { conversation, seq, turnId, text, buttons, plain, attempt } = delivery
    const now = clock.now()
    const channel = channels.get(conversation.channel)
    if (channel?.account !== conversation.account) return { kind: 'wait', at: now + noChannelMs, plain }
    const { channel: channelName, id: conversationId, account } = conversation
    const about = { channel: channelName, conversationId, seq, attempt, turnId, ms: 0 }
    if (delivery.uncertain && !channel.capabilities.idempotentSend) {
      events.replyUncertain({ ...about, action: needs.uncertain })
      if (needs.uncertain === 'hold') return { kind: 'uncertain' }
    }
    const left = (closed.get(account) ?? 0) - steady.now()
    if (left > 0) {
      const at = Math.ceil(now + left)
      events.replyHeld({ ...about, reason: 'the platform told to wait', at })
      return { kind: 'wait', at, plain }
    }

    faults.reach('outbox.before-send')
    const { chatId, threadId, kind } = conversation
    const result = await channel
      .send({ conversationId, chatId, threadId, kind, seq, text, buttons, plain, before })
      .catch((err: unknown) => {
        events.faulted({ area: 'outbox', err, conversationId })
        return { ok: false as const, fault: thrown }
      })
    faults.reach('outbox.after-send')
    about.ms = clock.now() - now
    if (result.ok) {
      events.replySent(about)
      recovery.worked(conversation)
      return { kind: 'sent', platformId: result.platformId }
    }
    const { fault } = result
    const isPassing = fault.kind === 'retry' || fault.kind === 'unknown'
    const failsSince = isPassing ? await recovery.failed(conversation) : undefined
    const uncounted = failsSince !== undefined && isUncounted(fault, delivery, failsSince, clock.now())
    if (fault.kind === 'wait' && fault.scope === 'account') close(account, steady.now() + fault.ms)
    const inDoubt = fault.kind === 'unknown' && !channel.capabilities.idempotentSend
    if (inDoubt) events.replyUncertain({ ...about, action: needs.uncertain })
    if (inDoubt && needs.uncertain === 'hold') return { kind: 'uncertain' }
    const outcome = outcomeOf(fault, delivery, clock.now(), uncounted ? Infinity : needs.maxTries)
    if (outcome.kind === 'failed') events.deadLettered({ ...about, reason: outcome.error })
    if (outcome.kind === 'retry') events.replyRetried({ ...about, reason: outcome.error, at: outcome.at })
    if (outcome.kind === 'wait') events.replyHeld({ ...about, reason: fault.reason, at: outcome.at })
    return outcome
  }

  return dispatch
}

/** `failsSince`: all of the account. Both ways: a clock that was put back knows no age. */
const isUncounted = (
  { kind }: SendFault,
  { createdAt }: Delivery,
  failsSince: number,
  now: number,
): boolean => kind === 'retry' || Math.abs(now - Math.max(createdAt, failsSince)) < uncountedMs

/** `maxTries`: endless where the try does not count. */
function outcomeOf(fault: SendFault, delivery: Delivery, now: number, maxTries: number): DeliveryOutcome {
  const { attempt, plain, createdAt } = delivery
  const { reason: error } = fault
  switch (fault.kind) {
    case 'final':
      return { kind: 'failed', error }
    case 'markup':
      return plain ? { kind: 'failed', error } : { kind: 'retry', at: now, error, plain: true }
    case 'wait':
      return { kind: 'wait', at: now + fault.ms, plain }
    case 'unknown':
    case 'retry': {
      if (attempt >= maxTries) return { kind: 'failed', error }
      const uncounted = maxTries === Infinity
      const mayBeCopy = uncounted && fault.kind === 'unknown' && !fault.isAnswered
      const longest = mayBeCopy ? longestUnansweredMs : longestRetryMs
      const wait = backoff(attempt, uncounted ? now - createdAt : 0, longest)
      return { kind: 'retry', at: now + wait, error, plain, uncounted }
    }
  }
}

/**
 * 1, 3, 9 … seconds up to the longest, spread by a fifth so that many do not return together. Where tries are not counted,
 * the time waited already (`agedMs`) tells how many they were.
 */
function backoff(attempt: number, agedMs: number, longestMs: number): number {
  const wanted = Math.max(firstRetryMs * 3 ** (attempt - 1), 2 * agedMs)
  return Math.round(Math.min(wanted, longestMs) * (0.9 + Math.random() * 0.2))
}
