import { expect, test } from 'vitest'
import { ParleyError } from '../../model/errors.ts'
import { newId } from '../../model/ids.ts'
import { createEvents } from '../events.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { observe } from './observe.ts'
import type { Span } from './span.ts'

const now = 1_800_000_010_000

function setUp(ratio = 1) {
  const spans: Span[] = []
  const lines: string[] = []
  const metrics = createMetrics({ process: false })
  const plain = createEvents({ log: createLog('debug', (line) => lines.push(line)), metrics })
  const clock = { now: () => now }
  const events = observe(plain, { clock, ratio, tell: (told) => void spans.push(...told) })
  /** Name, parent's name and milliseconds before now. */
  const shape = () =>
    spans.map(({ name, parentId, start, end }) => [
      name,
      spans.find(({ spanId }) => spanId === parentId)?.name,
      now - start,
      now - end,
    ])
  return { events, spans, lines, shape, metrics }
}

const turnId = '019d0000-1234-7abc-9def-0123456789ab'
const taken = {
  conversationId: 'c1',
  turnId,
  channel: 'telegram',
  attempt: 1,
  arrivedAt: now - 5000,
  dueAt: now - 4200,
  startedAt: now - 4000,
}
const committed = {
  ...taken,
  source: 'assistant',
  confidence: 0.8,
  messages: 2,
  replies: 1,
  durationMs: 3900,
  abandoned: false,
}
const call = { model: 'openai/gpt-fake', turnId, ms: 700 }
const sending = { channel: 'telegram', conversationId: 'c1', seq: 7, attempt: 1, turnId, ms: 120 }

test('a turn is one trace that tells where the time went', () => {
  const { events, spans, shape } = setUp()
  events.modelCalled({ ...call, outcome: 'timeout' })
  events.modelCalled({ ...call, outcome: 'ok', inputTokens: 5, outputTokens: 9, repeated: true })
  events.turnCommitted(committed)
  events.replySent(sending)
  expect(shape()).toEqual([
    ['chat openai/gpt-fake', 'turn', 700, 0],
    ['chat openai/gpt-fake', 'turn', 700, 0],
    ['answer', undefined, 5000, 0],
    ['wait', 'answer', 4200, 4000],
    ['turn', 'answer', 4000, 0],
    ['quiet', 'answer', 5000, 4200],
    ['commit', 'turn', 100, 0],
    ['send telegram', 'answer', 120, 0],
  ])
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([turnId.replaceAll('-', '')]))
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
  expect(spans[2]?.attributes).toEqual({
    'parley.conversation.id': 'c1',
    'parley.turn.id': turnId,
    'parley.channel': 'telegram',
    'parley.outcome': 'committed',
    'parley.attempt': 1,
    'parley.source': 'assistant',
    'parley.confidence': 0.8,
    'parley.messages': 2,
    'parley.replies': 1,
  })
  expect(spans[0]).toMatchObject({ failed: true, attributes: { 'error.type': 'timeout' } })
  expect(spans[1]).toMatchObject({
    kind: 'client',
    failed: false,
    attributes: {
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-fake',
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 9,
      'parley.repeated': true,
    },
  })
})

test('every way a turn and a send can end is told', () => {
  const { events, spans } = setUp()
  events.turnCommitted({ ...committed, source: 'apology', abandoned: true })
  events.turnFailed({ ...taken, err: new ParleyError('DATABASE_UNAVAILABLE') })
  events.turnLost(taken)
  events.replyHeld({ ...sending, ms: 0, reason: 'kept under the send limits', at: now + 1500 })
  events.replyRetried({ ...sending, reason: '502', at: now + 1000 })
  events.replyUncertain({ ...sending, action: 'resend' })
  events.replyUncertain({ ...sending, action: 'hold' })
  events.deadLettered({ ...sending, reason: 'blocked' })
  const ends = spans
    .filter(({ name }) => name === 'answer' || name.startsWith('send'))
    .map(({ attributes, failed }) => [attributes['parley.outcome'], failed, attributes['parley.again_ms']])
  expect(ends).toEqual([
    ['abandoned', true, undefined],
    ['failed', true, undefined],
    ['lost', false, undefined],
    ['held', false, 1500],
    ['retried', true, 1000],
    ['uncertain', true, undefined],
    ['failed', true, undefined],
  ])
  expect(spans.find(({ attributes }) => attributes['error.type'] === 'DATABASE_UNAVAILABLE')).toBeDefined()
})

test('nothing a person or a platform said is in it; log and counters are as before', async () => {
  const { events, spans, lines, metrics } = setUp()
  const words = 'Anna asks about her order'
  events.turnFailed({ ...taken, err: new Error(words) })
  events.modelCalled({ ...call, outcome: 'invalid', error: words })
  events.deadLettered({ ...sending, reason: words })
  expect(JSON.stringify(spans)).not.toContain('Anna')
  expect(lines).toHaveLength(3)
  expect(await metrics.registry.metrics()).toContain('turns_total{outcome="failed"} 1')
})

test('clocks that differ turn no time round', () => {
  const { events, spans } = setUp()
  events.turnCommitted({ ...committed, arrivedAt: now + 500, dueAt: now + 900, startedAt: now + 100 })
  for (const { start, end } of spans) expect(end).toBeGreaterThanOrEqual(start)
})

test('what belongs to no turn is in no trace', () => {
  const { events, spans } = setUp()
  events.replySent({ ...sending, turnId: undefined })
  events.modelCalled({ ...call, turnId: undefined, outcome: 'ok' })
  expect(spans).toEqual([])
})

test('a part of the turns is traced, each whole or not at all', () => {
  const { events, spans } = setUp(0.25)
  const ids = Array.from({ length: 2000 }, newId)
  for (const id of ids) events.replySent({ ...sending, turnId: id })
  const first = new Set(spans.splice(0).map(({ traceId }) => traceId))
  for (const id of ids) events.modelCalled({ ...call, turnId: id, outcome: 'ok' })
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(first)
  expect(first.size).toBeGreaterThan(400)
  expect(first.size).toBeLessThan(600)
})
