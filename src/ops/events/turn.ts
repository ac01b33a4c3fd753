import type { CallRefusal, OverReason } from '../../model/limits.ts'
import type { EventParts } from './outage.ts'

/** What is known of a turn that was taken. */
interface Taken {
  conversationId: string
  turnId: string
  channel: string
  attempt: number
  /** When its first message was stored, when it might have begun, and when it did (milliseconds since the epoch). */
  arrivedAt: number
  dueAt: number
  startedAt: number
}

/** From an update that came in to the answer that was committed. */
export interface TurnEvents {
  messageAccepted(event: { channel: string; conversationId: string; seq: number; duplicate: boolean }): void
  /** The store refused what was in a message however often it was tried: it is stored without, and answered so. */
  updateEmptied(event: { conversationId: string; seq: number; err: unknown }): void
  /** Over a limit: kept, not answered. `told`: this message got a word about it. */
  messageLimited(event: { conversationId: string; seq: number; reason: OverReason; told: boolean }): void
  /** Somebody has asked the model as often as they may. */
  callLimited(event: { conversationId: string; reason: CallRefusal['reason'] }): void
  turnCommitted(
    event: Taken & {
      source: string
      confidence: number
      messages: number
      replies: number
      durationMs: number
      /** It only apologises. */
      abandoned: boolean
    },
  ): void
  /** The turn threw; its messages are tried again. */
  turnFailed(event: Taken & { err: unknown }): void
  /** It failed several times, or its process ended: it is tried apart from its like. */
  turnSuspected(event: { conversationId: string; attempt: number }): void
  /** Tried too often: the messages are set aside with an apology. */
  turnAbandoned(event: Taken): void
  /** The lease or the conversation went to somebody else; nothing was committed. */
  turnLost(event: Taken): void
  handoffOffered(event: { conversationId: string; reason: HandoffReason }): void
}

/** Why a human is offered: the `reason` label. */
export type HandoffReason = 'asked' | 'button' | 'email' | 'phone' | 'telegram'

export function createTurnEvents({ log, metrics, outage }: EventParts): TurnEvents {
  const received = metrics.messages.labels('contact')
  const replied = metrics.messages.labels('bot')
  const committed = metrics.turns.labels('committed')
  return {
    messageAccepted(event) {
      outage.worked()
      if (event.duplicate) metrics.duplicates.inc({ channel: event.channel })
      else received.inc()
      if (event.seq === 1 && !event.duplicate) metrics.conversations.inc()
      log.debug(event, 'message accepted')
    },
    updateEmptied(event) {
      metrics.deadLetters.inc({ kind: 'update' })
      log.error(event, 'a message that cannot be stored is stored without its content')
    },
    messageLimited(event) {
      metrics.rateLimited.inc({ user_type: 'contact' })
      if (event.told) log.info(event, 'somebody is over a limit')
      else log.debug(event, 'message left out')
    },
    callLimited(event) {
      metrics.rateLimited.inc({ user_type: 'contact' })
      log.info(event, 'somebody has no model call left')
    },
    turnCommitted(event) {
      outage.worked()
      committed.inc()
      replied.inc(event.replies)
      metrics.answers.inc({ source: event.source })
      metrics.turnSeconds.observe({ source: event.source }, event.durationMs / 1000)
      log.debug(event, 'turn committed')
    },
    turnFailed(event) {
      metrics.turns.inc({ outcome: 'failed' })
      metrics.errors.inc({ area: 'turn' })
      outage.fault('turn', event, 'turn failed')
    },
    turnSuspected(event) {
      log.warn(event, 'a turn that failed or ended its process several times is tried apart from others')
    },
    turnAbandoned(event) {
      metrics.turns.inc({ outcome: 'abandoned' })
      metrics.deadLetters.inc({ kind: 'turn' })
      log.error(event, 'turn given up, messages set aside')
    },
    turnLost(event) {
      metrics.turns.inc({ outcome: 'lost' })
      log.info(event, 'turn lost its conversation, nothing committed')
    },
    handoffOffered(event) {
      metrics.escalations.inc({ reason: event.reason })
      log.info(event, 'human offered')
    },
  }
}
