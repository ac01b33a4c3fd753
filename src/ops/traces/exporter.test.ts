import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFakeCollector, type FakeCollector } from '../../../test/fakes/collector/server.ts'
import { newId } from '../../model/ids.ts'
import { systemClock } from '../../model/time.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { createCollector } from './collector.ts'
import { createExporter, type Exporter, type Pace } from './exporter.ts'
import { toOtlp } from './otlp.ts'
import { newSpanId, placesOf, type Span } from './span.ts'

let fake: FakeCollector
const open: Exporter[] = []
beforeEach(async () => {
  fake = await createFakeCollector()
})
afterEach(async () => {
  for (const exporter of open.splice(0)) await exporter.close()
  await fake.close()
  expect(fake.complaints).toEqual([])
})

const quick: Pace = { mostQueued: 100, batchSize: 10, everyMs: 20, restMs: [20, 40], flushMs: 300 }

function setUp({ pace = {}, timeoutMs = 200 }: { pace?: Partial<Pace>; timeoutMs?: number } = {}) {
  const lines: string[] = []
  const metrics = createMetrics({ process: false })
  const headers = { authorization: 'Basic a-key-of-tests-' }
  const resource = { service: 'parley', version: '1.2.3', instance: 'all-1', environment: 'development' }
  const exporter = createExporter({
    collector: createCollector({ endpoint: `${fake.endpoint}/v1/traces`, headers, timeoutMs }),
    encode: (spans) => toOtlp(spans, resource),
    host: 'collector',
    log: createLog('debug', (line) => lines.push(line)),
    metrics,
    clock: systemClock,
    pace: { ...quick, ...pace },
  })
  open.push(exporter)
  const counted = async (outcome: 'sent' | 'dropped') =>
    (await metrics.traceSpans.get()).values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0
  return { exporter, counted, logged: () => lines.map((line) => JSON.parse(line)) }
}

const spans = (count: number): Span[] =>
  Array.from({ length: count }, () => ({
    traceId: placesOf(newId()).traceId,
    spanId: newSpanId(),
    name: 'turn',
    kind: 'internal',
    start: Date.now() - 5,
    end: Date.now(),
    attributes: { 'parley.attempt': 1, 'parley.confidence': 1, 'parley.repeated': true, left: undefined },
  }))

const arrived = (count: number) => expect.poll(() => fake.spans.length, { interval: 5 }).toBe(count)

test('what is told arrives, as the specification wants it', async () => {
  const { exporter, counted, logged } = setUp()
  exporter.tell(spans(3))
  await arrived(3)
  expect(fake.asked).toMatchObject([{ authorization: 'Basic a-key-of-tests-' }])
  expect(fake.spans[0]).toMatchObject({
    name: 'turn',
    kind: 1,
    failed: false,
    attributes: { 'parley.attempt': 1, 'parley.confidence': 1, 'parley.repeated': true },
    resource: {
      'service.name': 'parley',
      'service.version': '1.2.3',
      'service.instance.id': 'all-1',
      'deployment.environment.name': 'development',
    },
  })
  await expect.poll(() => counted('sent'), { interval: 5 }).toBe(3)
  expect(logged()).toEqual([])
})

test('a full batch leaves at once, one export at a time', async () => {
  const { exporter } = setUp({ pace: { everyMs: 60_000 } })
  exporter.tell(spans(4))
  exporter.tell(spans(30))
  await arrived(30)
  expect(fake.asked).toHaveLength(3)
})

test('the last ones leave at the end', async () => {
  const { exporter, counted } = setUp({ pace: { everyMs: 60_000 } })
  exporter.tell(spans(9))
  await exporter.close()
  expect(fake.spans).toHaveLength(9)
  exporter.tell(spans(2))
  expect(await counted('dropped')).toBe(2)
})

test('a queue that is full takes no more, which is counted and told once', async () => {
  fake.does = { afterMs: 30 }
  const { exporter, counted, logged } = setUp()
  for (let count = 0; count < 50; count += 1) exporter.tell(spans(4))
  expect(await counted('dropped')).toBe(100)
  await arrived(100)
  await expect.poll(logged).toMatchObject([
    { level: 'warn', reason: 'spans come faster than it takes them' },
    { level: 'info', message: 'traces are delivered again', spansLost: 100 },
  ])
})

describe('a collector that', () => {
  test.each([
    ['is overloaded', { status: 503 }, 'it answers 503'],
    ['asks to wait', { status: 429, retryAfter: '0' }, 'it answers 429'],
    ['breaks off', 'cut', 'UND_ERR_SOCKET'],
    ['hangs', 'hang', 'no answer within 60 ms'],
  ] as const)('%s gets the same again later, and is told of once', async (_, does, reason) => {
    fake.does = does
    const { exporter, counted, logged } = setUp({ timeoutMs: 60 })
    exporter.tell(spans(5))
    await expect.poll(() => fake.asked.length, { interval: 5 }).toBeGreaterThanOrEqual(3)
    exporter.tell(spans(1))
    fake.does = 'take'
    await arrived(6)
    await expect.poll(logged).toMatchObject([
      { level: 'warn', collector: 'collector', reason },
      { level: 'info', message: 'traces are delivered again', spansLost: 0 },
    ])
    expect([await counted('sent'), await counted('dropped')]).toEqual([6, 0])
  })

  test('says how long to wait is left alone for so long', async () => {
    fake.does = { status: 503, retryAfter: '1' }
    const { exporter } = setUp({ pace: { restMs: [10, 5000] } })
    exporter.tell(spans(1))
    await expect.poll(() => fake.asked.length, { interval: 5 }).toBe(1)
    fake.does = 'take'
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(fake.asked).toHaveLength(1)
    await arrived(1)
  })

  test('is not there at all holds up nothing', async () => {
    await fake.close()
    const { exporter, counted, logged } = setUp()
    exporter.tell(spans(2))
    await expect.poll(logged).toMatchObject([{ level: 'warn', reason: 'ECONNREFUSED' }])
    const began = performance.now()
    await exporter.close()
    expect(performance.now() - began).toBeLessThan(200)
    expect(await counted('dropped')).toBe(2)
    fake = await createFakeCollector()
  })

  test('refuses for good loses what it refused, and nothing else', async () => {
    fake.does = { status: 401 }
    const { exporter, counted, logged } = setUp({ pace: { restMs: [300, 300] } })
    exporter.tell(spans(10))
    exporter.tell(spans(2))
    await expect.poll(() => counted('dropped'), { interval: 5 }).toBe(10)
    fake.does = 'take'
    await arrived(2)
    await expect.poll(logged).toMatchObject([
      { level: 'warn', reason: 'it answers 401' },
      { level: 'info', spansLost: 10 },
    ])
  })

  test('takes only a part has it counted and told', async () => {
    fake.does = { rejects: 2 }
    const { exporter, counted, logged } = setUp()
    exporter.tell(spans(5))
    await expect.poll(() => counted('dropped')).toBe(2)
    expect(await counted('sent')).toBe(3)
    expect(logged()).toMatchObject([{ level: 'warn', reason: 'it rejects spans: as the fake was told' }])
  })

  test('hangs at the end is waited for no longer than there is time', async () => {
    fake.does = 'hang'
    const { exporter, counted } = setUp({ timeoutMs: 60_000, pace: { batchSize: 1 } })
    exporter.tell(spans(3))
    await expect.poll(() => fake.asked.length, { interval: 5 }).toBe(1)
    const began = performance.now()
    await exporter.close()
    expect(performance.now() - began).toBeLessThan(600)
    expect(await counted('dropped')).toBe(3)
  })
})
