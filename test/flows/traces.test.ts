import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import type { StoredTurn } from '../../src/store/store.ts'
import { createFakeCollector, type FakeCollector } from '../fakes/collector/server.ts'
import { fakeToken } from '../fakes/telegram/telegram.ts'
import { createTelegramTown, type RunningApp, type TelegramTown } from '../support/telegram-app.ts'

const said = 'This is what was asked for, and long enough to be sure of itself.'
const account = fakeToken.split(':')[0] ?? ''

let town: TelegramTown
let collector: FakeCollector
let app: RunningApp
beforeAll(async () => {
  town = await createTelegramTown()
})
afterAll(() => town.close())
beforeEach(async () => {
  collector = await createFakeCollector()
  town.modelSays(said)
})
afterEach(async () => {
  await app.stop()
  await collector.close()
  expect(collector.complaints).toEqual([])
})

async function boot(quietWindow = '0ms'): Promise<void> {
  app = await town.start({
    telegram: { quiet_window: quietWindow },
    models: { backoff: { first: '10ms', longest: '20ms' } },
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint },
  })
}

const ask = (chat: string) => town.bot.person(chat, { name: 'Zebedee' }).writes('What about my zebra?')

/** As it is stored. */
async function turnOf(chat: string): Promise<StoredTurn> {
  const store = await openStore(app.config.database, { onConnectionError: () => undefined })
  try {
    const conversation = await store.read.conversations.find('telegram', account, chat, '')
    const turn = conversation && (await store.read.turns.ofMessage(conversation.id, 1))
    if (!turn) throw new Error(`Nothing was answered in chat ${chat}.`)
    return turn
  } finally {
    await store.close()
  }
}

describe('a slow answer', () => {
  test('is one trace, found by its turn and its conversation, that tells where the time went', async () => {
    await boot('250ms')
    town.models.next({ fault: { kind: 'status', status: 503 } }, { tokens: [said], firstTokenMs: 150 })
    town.fake.faults.add('sendMessage', { kind: 'flood', seconds: 1 })
    ask('7005001234')
    await town.bot.waitForSent('7005001234', 1)
    await app.stop()

    const turn = await turnOf('7005001234')
    const spans = collector.traceOf(turn.id)
    expect(collector.spans).toHaveLength(spans.length)
    const nameOf = new Map(spans.map(({ spanId, name }) => [spanId, name]))
    const rows = spans.map(({ name, parentSpanId, attributes }) => [
      name,
      nameOf.get(parentSpanId ?? ''),
      attributes['parley.outcome'],
    ])
    expect(new Set(rows.map((row) => row.join()))).toEqual(
      new Set(
        [
          ['answer', undefined, 'committed'],
          ['quiet', 'answer', undefined],
          ['wait', 'answer', undefined],
          ['turn', 'answer', 'committed'],
          ['chat openai/gpt-fake', 'turn', 'unavailable'],
          ['chat openai/gpt-fake', 'turn', 'ok'],
          ['commit', 'turn', undefined],
          ['send telegram', 'answer', 'held'],
          ['send telegram', 'answer', 'sent'],
        ].map((row) => row.join()),
      ),
    )
    const [root] = spans
    expect(root?.attributes).toMatchObject({
      'parley.turn.id': turn.id,
      'parley.conversation.id': turn.conversationId,
      'parley.source': 'assistant',
    })
    const times = (name: string, outcome?: string) => {
      const found = spans.find(
        ({ name: own, attributes }) =>
          own.startsWith(name) && (outcome === undefined || attributes['parley.outcome'] === outcome),
      )
      return found ?? expect.fail(`no ${name}`)
    }
    const [quiet, wait, work, call] = [times('quiet'), times('wait'), times('turn'), times('chat', 'ok')]
    expect(quiet.end - quiet.start).toBeGreaterThanOrEqual(240)
    expect(call.end - call.start).toBeGreaterThanOrEqual(140)
    expect([root?.start, quiet.end, wait.end]).toEqual([quiet.start, wait.start, work.start])
    expect(times('chat', 'unavailable').start).toBeGreaterThanOrEqual(work.start)
    expect(call.end).toBeLessThanOrEqual(times('commit').end)
    expect([times('commit').end, root?.end]).toEqual([work.end, work.end])
    const [held, sent] = [times('send', 'held'), times('send', 'sent')]
    expect(held.attributes['parley.again_ms']).toBeGreaterThan(500)
    expect(sent.start - held.end).toBeGreaterThanOrEqual(900)
    expect(JSON.stringify(collector.spans)).not.toMatch(/zebra|Zebedee|7005001234|This is what/)
    expect(town.logged()).toContain(turn.id)
  })
})

describe('a collector that hangs', () => {
  test('delays no answer, and the end of the process by its three seconds', async () => {
    collector.does = 'hang'
    await boot()
    for (const chat of ['5101', '5102', '5103']) {
      const began = performance.now()
      ask(chat)
      await town.bot.waitForSent(chat, 1)
      expect(performance.now() - began).toBeLessThan(2000)
    }
    await expect.poll(() => collector.asked.length, { timeout: 5000 }).toBe(1)
    const began = performance.now()
    await app.stop()
    expect(performance.now() - began).toBeLessThan(6000)
    expect(await turnOf('5103')).toMatchObject({ source: 'assistant' })
  })
})

test('one that is away is told of once, and gets what came meanwhile', async () => {
  collector.does = { status: 503 }
  const before = town.logged().length
  await boot()
  ask('5201')
  await expect.poll(() => collector.asked.length, { timeout: 5000 }).toBeGreaterThan(1)
  ask('5202')
  await town.bot.waitForSent('5202', 1)
  collector.does = 'take'
  await app.stop()
  for (const chat of ['5201', '5202']) {
    const { id } = await turnOf(chat)
    expect(collector.traceOf(id).map(({ name }) => name)).toContain('send telegram')
  }
  const logged = town.logged().slice(before)
  for (const message of ['traces are not delivered', 'traces are delivered again'])
    expect([message, logged.split(message).length - 1]).toEqual([message, 1])
})
