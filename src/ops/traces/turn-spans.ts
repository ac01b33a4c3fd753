import { ParleyError } from '../../model/errors.ts'
import type { DeliveryEvents } from '../events/delivery.ts'
import type { ModelEvents } from '../events/model.ts'
import type { TurnEvents } from '../events/turn.ts'
import { newSpanId, placesOf, type Span } from './span.ts'

type Told<T, Name extends keyof T> = T[Name] extends (event: infer E) => void ? E : never

type Committed = Told<TurnEvents, 'turnCommitted'>
type Ended = Told<TurnEvents, 'turnLost'> & Partial<Pick<Committed, 'durationMs'>>
type Call = Told<ModelEvents, 'modelCalled'> & { turnId: string }
type Sending = Omit<Told<DeliveryEvents, 'replySent'>, 'turnId'> & { turnId: string }

/** What `turn` adds to what every turn has. */
interface Ending {
  outcome: 'committed' | 'abandoned' | 'failed' | 'lost'
  attributes?: Span['attributes']
  error?: unknown
}

/**
 * A turn that is over: `answer` from the first message's arrival, and in it `quiet` until the turn may begin (the person
 * may go on typing, or a try has failed), `wait` until a process takes it, `turn`, and in that `commit`.
 */
export function turnSpans(event: Ended, now: number, { outcome, attributes, error }: Ending): Span[] {
  const { conversationId, turnId, channel, attempt, startedAt, durationMs } = event
  const { traceId, root, turn } = placesOf(turnId)
  // The clocks of two processes may differ.
  const end = Math.max(startedAt, now)
  const arrivedAt = Math.min(event.arrivedAt, startedAt)
  const dueAt = Math.min(Math.max(event.dueAt, arrivedAt), startedAt)
  const failed = error !== undefined || outcome === 'abandoned'
  const about = { traceId, kind: 'internal', attributes: {} } as const
  const result = {
    'parley.outcome': outcome,
    'parley.attempt': attempt,
    ...(error !== undefined && { 'error.type': kindOf(error) }),
    ...attributes,
  }
  const ids = {
    'parley.conversation.id': conversationId,
    'parley.turn.id': turnId,
    'parley.channel': channel,
  }
  const below = { ...about, parentId: root }
  const spans: Span[] = [
    {
      ...about,
      spanId: root,
      name: 'answer',
      kind: 'consumer',
      start: arrivedAt,
      end,
      attributes: { ...ids, ...result },
      failed,
    },
    { ...below, spanId: newSpanId(), name: 'wait', start: dueAt, end: startedAt },
    { ...below, spanId: turn, name: 'turn', start: startedAt, end, attributes: result, failed },
  ]
  if (dueAt > arrivedAt)
    spans.push({ ...below, spanId: newSpanId(), name: 'quiet', start: arrivedAt, end: dueAt })
  if (durationMs !== undefined) {
    const answeredAt = Math.min(startedAt + durationMs, end)
    spans.push({
      ...about,
      spanId: newSpanId(),
      parentId: turn,
      name: 'commit',
      start: answeredAt,
      end,
    })
  }
  return spans
}

/** Never the message of an error: it may hold anything. */
function kindOf(error: unknown): string {
  if (error instanceof ParleyError) return error.code
  return error instanceof Error ? error.name : typeof error
}

/** One try of one model, named as OpenTelemetry names them (semantic conventions for generative AI). */
export function modelSpan(event: Call, now: number): Span {
  const { traceId, turn } = placesOf(event.turnId)
  const cut = event.model.indexOf('/')
  const isOk = event.outcome === 'ok'
  return {
    traceId,
    spanId: newSpanId(),
    parentId: turn,
    name: `chat ${event.model}`,
    kind: 'client',
    start: now - event.ms,
    end: now,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': event.model.slice(0, cut),
      'gen_ai.request.model': event.model.slice(cut + 1),
      'gen_ai.usage.input_tokens': event.inputTokens,
      'gen_ai.usage.output_tokens': event.outputTokens,
      'parley.outcome': event.outcome,
      'parley.repeated': event.repeated,
      ...(!isOk && { 'error.type': event.outcome }),
    },
    failed: !isOk,
  }
}

/** One send of one reply. `at`: when it is tried again. */
export function sendSpan(
  event: Sending,
  now: number,
  outcome: 'sent' | 'retried' | 'held' | 'failed' | 'uncertain',
  at?: number,
): Span {
  const { traceId, root } = placesOf(event.turnId)
  return {
    traceId,
    spanId: newSpanId(),
    parentId: root,
    name: `send ${event.channel}`,
    kind: 'client',
    start: now - event.ms,
    end: now,
    attributes: {
      'parley.conversation.id': event.conversationId,
      'parley.turn.id': event.turnId,
      'parley.channel': event.channel,
      'parley.reply': event.seq,
      'parley.attempt': event.attempt,
      'parley.outcome': outcome,
      'parley.again_ms': at === undefined ? undefined : Math.max(0, Math.round(at - now)),
    },
    failed: outcome !== 'sent' && outcome !== 'held',
  }
}
