import type { Clock } from '../../model/time.ts'
import type { Events } from '../events.ts'
import { isSampled, type Span } from './span.ts'
import { modelSpan, sendSpan, turnSpans } from './turn-spans.ts'

interface ObserveNeeds {
  clock: Clock
  /** Part of the turns that is traced, 0 to 1. */
  ratio: number
  tell(spans: Span[]): void
}

/** The same events, of which those of a turn that is sampled are told as spans too, each once it is over. */
export function observe(events: Events, { clock, ratio, tell }: ObserveNeeds): Events {
  function about<E extends { turnId?: string }>(
    event: E,
    spansOf: (event: E & { turnId: string }, now: number) => Span[],
  ): void {
    const { turnId } = event
    if (turnId !== undefined && isSampled(turnId, ratio)) tell(spansOf({ ...event, turnId }, clock.now()))
  }
  return {
    ...events,
    turnCommitted(event) {
      events.turnCommitted(event)
      const { source, confidence, messages, replies, abandoned } = event
      about(event, (turn, now) => {
        const attributes = {
          'parley.source': source,
          'parley.confidence': confidence,
          'parley.messages': messages,
          'parley.replies': replies,
        }
        return turnSpans(turn, now, { outcome: abandoned ? 'abandoned' : 'committed', attributes })
      })
    },
    turnFailed(event) {
      events.turnFailed(event)
      about(event, (turn, now) => turnSpans(turn, now, { outcome: 'failed', error: event.err }))
    },
    turnLost(event) {
      events.turnLost(event)
      about(event, (turn, now) => turnSpans(turn, now, { outcome: 'lost' }))
    },
    modelCalled(event) {
      events.modelCalled(event)
      about(event, (call, now) => [modelSpan(call, now)])
    },
    replySent(event) {
      events.replySent(event)
      about(event, (sending, now) => [sendSpan(sending, now, 'sent')])
    },
    replyRetried(event) {
      events.replyRetried(event)
      about(event, (sending, now) => [sendSpan(sending, now, 'retried', event.at)])
    },
    replyHeld(event) {
      events.replyHeld(event)
      about(event, (sending, now) => [sendSpan(sending, now, 'held', event.at)])
    },
    replyUncertain(event) {
      events.replyUncertain(event)
      // One that is sent again has a span of that.
      if (event.action === 'hold') about(event, (sending, now) => [sendSpan(sending, now, 'uncertain')])
    },
    deadLettered(event) {
      events.deadLettered(event)
      about(event, (sending, now) => [sendSpan(sending, now, 'failed')])
    },
  }
}
