import type { EventParts } from './outage.ts'

interface Sending {
  channel: string
  conversationId: string
  seq: number
  attempt: number
  /** The turn that said it; none for what the bot says of its own accord. */
  turnId?: string | undefined
  /** How long the send took; 0 where nothing was sent. */
  ms: number
}

/** From a queued reply to its platform. */
export interface DeliveryEvents {
  replySent(event: Sending): void
  /** A passing fault; `at` is when it is tried again (milliseconds since the epoch). */
  replyRetried(event: Sending & { reason: string; at: number }): void
  /** Kept back, and not counted as a try: under the platform's limits, while it is away. `at`: when it is tried again. */
  replyHeld(event: Sending & { reason: string; at: number }): void
  /** The sender died between sending and recording: sent again, or held, as `delivery.uncertain` says. */
  replyUncertain(event: Sending & { action: 'resend' | 'hold' }): void
  /** A reply that will never be sent. */
  deadLettered(event: Sending & { reason: string }): void
  /** A platform that failed for a while took a reply again: those that waited for their next try are tried now. */
  waitsCutShort(event: { channel: string; account: string; replies: number }): void
  /** The sweep looked for work whose bell was lost, and found so much; at a start, all that waits. */
  workRecovered(event: { turns: number; deliveries: number; atStart: boolean }): void
}

export function createDeliveryEvents({ log, metrics, outage }: EventParts): DeliveryEvents {
  const outcome = ({ channel }: Sending, name: string) => metrics.deliveries.inc({ channel, outcome: name })
  return {
    replySent(event) {
      outcome(event, 'sent')
      log.debug(event, 'reply sent')
    },
    replyRetried(event) {
      outcome(event, 'retried')
      log.warn(event, 'reply not sent, trying again')
    },
    replyHeld: (event) => log.debug(event, 'reply held back'),
    replyUncertain(event) {
      outcome(event, 'uncertain')
      log.warn(event, 'reply may have arrived already')
    },
    deadLettered(event) {
      outcome(event, 'failed')
      metrics.deadLetters.inc({ kind: 'reply' })
      log.error(event, 'reply given up')
    },
    waitsCutShort: (event) => log.info(event, 'sending works again, no waiting any more'),
    workRecovered({ atStart, ...found }) {
      outage.worked()
      if (found.turns + found.deliveries === 0) return
      log.info(found, atStart ? 'going on with what was waiting' : 'work taken up by the sweep')
    },
  }
}
