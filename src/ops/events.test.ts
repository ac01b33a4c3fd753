import { describe, expect, test } from 'vitest'
import { ParleyError } from '../model/errors.ts'
import { createEvents } from './events.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createScrape } from './scrape.ts'

function setUp(level: 'debug' | 'info' = 'info') {
  const lines: string[] = []
  const metrics = createMetrics({ process: false })
  const clock = { time: 1_000_000, now: () => clock.time }
  const events = createEvents({ log: createLog(level, (line) => lines.push(line)), metrics, clock })
  return { events, metrics, lines, clock }
}

const message = { channel: 'web', conversationId: 'c1', seq: 1, duplicate: false }
const times = { arrivedAt: 1, dueAt: 1, startedAt: 1 }
const taken = { conversationId: 'c1', turnId: 't', channel: 'web', attempt: 1, ...times }

test('an event is a log line with ids and a counter without them', async () => {
  const { events, metrics, lines } = setUp('debug')
  events.messageAccepted(message)
  events.messageAccepted({ ...message, duplicate: true })
  const page = await metrics.registry.metrics()
  expect(page).toContain('messages_processed_total{sender_type="contact"} 1')
  expect(page).toContain('conversations_started_total 1')
  expect(page).toContain('messages_duplicate_total{channel="web"} 1')
  expect(page).not.toContain('c1')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'debug', conversationId: 'c1', seq: 1 })
})

test('what succeeds often is silent at info, what fails is not', () => {
  const { events, lines } = setUp()
  events.messageAccepted(message)
  const sending = { channel: 'telegram', conversationId: 'c1', seq: 2, attempt: 1, ms: 3 }
  events.replySent(sending)
  events.modelCalled({ model: 'openai/x', outcome: 'ok', ms: 3 })
  expect(lines).toEqual([])
  events.modelCalled({ model: 'openai/x', outcome: 'timeout', ms: 3 })
  events.deadLettered({ ...sending, reason: 'blocked by the user' })
  events.turnFailed({ ...taken, err: new Error('x') })
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(['warn', 'error', 'error'])
})

test('the scrape reads its sources, and leaves out what cannot be read', async () => {
  const { metrics } = setUp()
  let broken = false
  const scrape = createScrape(metrics, {
    backlog: async () => {
      if (broken) throw new Error('down')
      return { received: 3, queued: 4, oldest: 1000, failed: 2 }
    },
    spending: async () => {
      if (broken) throw new Error('down')
      return { spent: 1.25, limit: 100 }
    },
    backup: async () => {
      if (broken) throw new Error('down')
      return 1000
    },
    poolUsage: () => 0.5,
    channels: () => [{ name: 'telegram', up: false }],
    dependencies: {
      database: async () => {
        if (broken) throw new Error('down')
      },
      redis: () => (broken ? Promise.reject(new Error('down')) : new Promise(() => undefined)),
    },
    retentionDue: async () => (broken ? Promise.reject(new Error('down')) : 31_000),
    diskFree: async () => 0.25,
    now: () => 61_000,
  })
  const page = await scrape.page()
  expect(page).toContain('backlog_messages{state="received"} 3')
  expect(page).toContain('backlog_oldest_seconds 60')
  expect(page).toContain('backup_age_seconds 60')
  expect(page).toContain('dead_letters 2')
  expect(page).toContain('channel_up{channel="telegram"} 0')
  expect(page).toContain('db_connection_pool_usage 0.5')
  expect(page).toContain('llm_daily_cost_usd 1.25')
  expect(page).toContain('llm_daily_budget_usd 100')
  expect(page).toContain('dependency_up{dependency="database"} 1')
  expect(page).toContain('retention_overdue_seconds 30')
  expect(page).toContain('disk_free_ratio 0.25')
  expect(page).toContain('clock_seconds 61')
  // What hangs does not hold up the rest.
  expect(page).toContain('dependency_up{dependency="redis"} 0')
  broken = true
  const later = await scrape.page()
  expect(later).not.toMatch(/^backlog_messages\{/m)
  expect(later).not.toMatch(/^(backlog_oldest|retention_overdue|backup_age)_seconds \d/m)
  expect(later).toContain('dependency_up{dependency="database"} 0')
})

test('the model histogram has the promised buckets', async () => {
  const { events, metrics } = setUp()
  events.modelCalled({ model: 'openai/x', outcome: 'ok', ms: 700, inputTokens: 5, outputTokens: 7 })
  const page = await metrics.registry.metrics()
  const found = [...page.matchAll(/llm_response_time_seconds_bucket\{le="([^"]+)"/g)].map((match) => match[1])
  expect(found).toEqual(['0.1', '0.5', '1', '2', '5', '10', '30', '+Inf'])
  expect(page).toContain('llm_tokens_used_total{model="openai/x",type="output"} 7')
})

test('an origin that is refused is told once, and not without end', () => {
  const { events, lines } = setUp()
  const refuse = (origin: string): void =>
    events.originRefused({ origin, host: 'bot.example', reason: 'unlisted' })
  for (let count = 0; count < 3; count += 1) refuse('https://shop.example')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('https://shop.example')
  for (let count = 0; count < 100; count += 1) refuse(`https://${count}.example`)
  expect(lines).toHaveLength(20)
})

describe('while the database is away', () => {
  const away = new ParleyError('DATABASE_UNAVAILABLE')
  const nothing = { turns: 0, deliveries: 0, atStart: false }

  /** Three minutes without a database; every second the sweep and a turn fail. */
  function outage() {
    const parts = setUp()
    for (let second = 0; second < 180; second += 1) {
      parts.events.faulted({ area: 'sweep', err: away })
      parts.events.turnFailed({ ...taken, err: away })
      parts.clock.time += 1000
    }
    const logged = () => parts.lines.map((line) => JSON.parse(line))
    return { ...parts, logged }
  }

  test('an area has a line a minute, which counts those left out; the metrics count each', async () => {
    const { logged, metrics } = outage()
    const ofSweep = logged().filter(({ area }) => area === 'sweep')
    expect(ofSweep.map(({ leftOut }) => leftOut)).toEqual([0, 59, 59])
    expect(ofSweep[0]).toMatchObject({ level: 'error', message: 'the database cannot be used' })
    expect(logged()).toHaveLength(6)
    const page = await metrics.registry.metrics()
    expect(page).toContain('errors_total{area="sweep"} 180')
    expect(page).toContain('turns_total{outcome="failed"} 180')
  })

  test('one line says that it works again, and the next outage is told at once', () => {
    const { logged, events, clock, lines } = outage()
    clock.time += 5000
    lines.length = 0
    events.workRecovered(nothing)
    events.workRecovered(nothing)
    expect(logged()).toMatchObject([
      {
        level: 'info',
        message: 'the database works again',
        awaySeconds: 185,
        leftOut: { sweep: 59, turn: 59 },
      },
    ])
    events.faulted({ area: 'sweep', err: away })
    expect(logged()).toHaveLength(2)
  })

  test('it was away until it did something again, however rarely it was asked meanwhile', () => {
    const { lines, events, clock } = setUp()
    events.faulted({ area: 'sweep', err: away })
    clock.time += 18_000
    events.databaseAnswered()
    clock.time += 6000
    events.databaseAnswered()
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ message: 'the database works again', awaySeconds: 18 })
  })

  test('what works in between is no end of it', () => {
    const { lines, events, clock } = setUp()
    for (let second = 0; second < 30; second += 1) {
      events.faulted({ area: 'inbox', err: away })
      events.workRecovered(nothing)
      clock.time += 1000
    }
    expect(lines).toHaveLength(1)
  })

  test('what waits at a start is not forgotten', () => {
    const { events, lines } = setUp()
    events.workRecovered({ turns: 0, deliveries: 0, atStart: true })
    events.workRecovered({ turns: 2, deliveries: 0, atStart: true })
    events.workRecovered({ turns: 0, deliveries: 1, atStart: false })
    expect(lines.map((line) => JSON.parse(line).message)).toEqual([
      'going on with what was waiting',
      'work taken up by the sweep',
    ])
  })

  test('other faults are logged each time, connections that break are the database', () => {
    const { events, lines } = setUp()
    for (let count = 0; count < 3; count += 1) events.faulted({ area: 'sweep', err: new Error('a bug') })
    expect(lines).toHaveLength(3)
    for (let count = 0; count < 3; count += 1) events.faulted({ area: 'database', err: new Error('cut') })
    expect(lines).toHaveLength(4)
  })
})
