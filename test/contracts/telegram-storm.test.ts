import { createHash } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createTelegram } from '../../src/channels/telegram/telegram.ts'
import { createMemoryAllowances } from '../../src/coordination/memory/allowances.ts'
import type { Clock } from '../../src/model/time.ts'
import { silentLog } from '../../src/ops/log.ts'
import type { Store } from '../../src/store/store.ts'
import type { Choose, Fault } from '../fakes/telegram/faults.ts'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { answer, startPipeline } from '../support/pipeline.ts'
import { createTestStore, databaseKinds } from '../support/stores.ts'

/** Backoffs of minutes pass in seconds, for us and for Telegram alike. */
const haste = 20
const began = Date.now()
const clock: Clock = { now: () => Math.round(began + (Date.now() - began) * haste) }

const chats = Array.from({ length: 50 }, (_, n) => String(1001 + n))
const blocked = new Set(['1007', '1021', '1044'])
const perChat = 20
/** With this one no message needs more than six tries: eight make a dead letter. */
const seed = 395
/** Every third is formatted; Telegram refuses the formatting of every ninth. */
const textOf = (chat: string, n: number): string => {
  const text = `message ${n} to ${chat}`
  if (n % 9 === 0) return `**bad** ${text}`
  return n % 3 === 0 ? `**good** ${text}` : text
}
const shown = (text: string): string => text.replace('**good**', 'good')

/** Calls that were on their way when another was told to wait, in real milliseconds. */
const underWayMs = 100

interface Told {
  /** Everybody, when there is none. */
  chat: string | undefined
  from: number
  until: number
}

/** What each send meets: the same in every run, whichever comes first. */
function createStorm(): { choose: Choose; told: Told[]; met: Map<string, number> } {
  const told: Told[] = []
  const met = new Map<string, number>()
  const tries = new Map<string, number>()
  const count = (fault: Fault | undefined): Fault | undefined => {
    if (fault) met.set(fault.kind, (met.get(fault.kind) ?? 0) + 1)
    return fault
  }
  const flood = (seconds: number, chat?: string): Fault => {
    const from = performance.now()
    told.push({ chat, from, until: from + (seconds * 1000) / haste })
    return { kind: 'flood', seconds, ...(chat === undefined ? {} : { chat }) }
  }
  let calls = 0
  let nextForAll = 300
  const choose: Choose = (method, { chat_id: chat, entities, ...args }) => {
    if (method !== 'sendmessage') return undefined
    const text = String(args['text'])
    calls += 1
    const nth = (tries.get(text) ?? 0) + 1
    tries.set(text, nth)
    const draw = createHash('md5').update(`${seed} ${text} ${nth}`).digest().readUInt16BE() % 100
    if (blocked.has(String(chat))) return undefined
    if (calls >= nextForAll) {
      nextForAll = calls + 300
      return count(flood(10))
    }
    if (draw < 30) return count({ kind: 'status', code: [500, 502, 503, 504][draw % 4] ?? 500 })
    if (draw === 30) return count(flood(6, String(chat)))
    if (entities !== undefined && text.includes('bad')) return count(refusesMarkup)
    return undefined
  }
  return { choose, told, met }
}

const refusesMarkup: Fault = {
  kind: 'says',
  code: 400,
  body: '{"ok":false,"error_code":400,"description":"Bad Request: can\'t parse entities"}',
}

const channelOf = (fake: FakeTelegram) =>
  createTelegram({
    receives: 'nothing',
    config: {
      token: fakeToken,
      apiRoot: fake.root,
      webhookUrl: undefined,
      webhookSecret: undefined,
      triggers: [],
      quietWindowMs: 0,
      rate: { perChat: 0, perGroupMinute: 0, overall: 0 },
    },
    menus: () => [],
    lease: { hold: async () => false, release: async () => undefined, until: async () => undefined },
    paceOf: () => createMemoryAllowances(clock.now),
    events: {
      channelChanged: () => undefined,
      channelConflict: () => undefined,
      updatesIgnored: () => undefined,
      faulted: () => undefined,
    },
    log: silentLog,
    clock,
    steady: clock,
  })

const queueAll = async (store: Store): Promise<void> => {
  for (const chatId of chats) {
    const to = { channel: 'telegram', account: '123456', chatId, threadId: '', kind: 'private' as const }
    await store.write(async (tx) => {
      for (let n = 1; n <= perChat; n += 1)
        await tx.outbox.post(to, { text: textOf(chatId, n), buttons: undefined }, 'queued', clock.now())
    })
  }
}

const inAStorm = 'a thousand messages in a storm: none is sent before its time, lost, twice or out of order'

test.each(databaseKinds)(`${inAStorm}, on %s`, { timeout: 60_000 }, async (kind) => {
  const place = await createTestStore(kind)
  const fake = await createFakeTelegram({ now: clock.now })
  const bot = fake.bot(fakeToken)
  for (const chat of chats) bot.person(chat)
  for (const chat of blocked) Object.assign(bot.state.chats.get(chat) ?? {}, { state: 'blocked' })
  const { choose, told, met } = createStorm()
  fake.faults.decide(choose)
  await queueAll(place.store)
  const pipeline = startPipeline({
    store: place.store,
    platforms: [{ channel: channelOf(fake) }],
    answers: async () => answer('nobody asks'),
    maxTries: 8,
    leaseMs: 600_000,
    clock,
    steady: clock,
  })
  onTestFinished(async () => {
    for (const end of [pipeline.stop, fake.stop, place.drop]) await end()
  })
  await vi.waitFor(async () => expect((await place.store.read.messages.backlog()).queued).toBe(0), {
    timeout: 50_000,
    interval: 50,
  })

  const calls = bot.state.calls.filter(({ method }) => method === 'sendMessage')
  const toChat = Map.groupBy(calls, ({ args }) => String(args['chat_id']))
  for (const chat of chats) {
    const all = Array.from({ length: perChat }, (_, n) => textOf(chat, n + 1))
    const arrived = bot.sentTo(chat).map(({ text }) => text)
    expect(arrived).toEqual(blocked.has(chat) ? [] : all.map(shown))
    const ended = (toChat.get(chat) ?? []).filter(({ status }) => status === 403)
    expect(ended).toHaveLength(blocked.has(chat) ? perChat : 0)
  }
  const dead = await place.store.read.deadLetters.list(1000, Number.MAX_SAFE_INTEGER)
  expect(dead).toHaveLength(blocked.size * perChat)
  expect(new Set(dead.map(({ reason }) => reason))).toEqual(
    new Set(['Forbidden: bot was blocked by the user']),
  )

  for (const { chat, from, until } of told) {
    const meant = chat === undefined ? calls : (toChat.get(chat) ?? [])
    expect(meant.filter(({ at }) => at > from + underWayMs && at < until - 5)).toEqual([])
  }
  const plain = calls.filter(({ status, args }) => status === 200 && String(args['text']).includes('**bad**'))
  expect(plain.map(({ args }) => args['entities'])).toEqual(plain.map(() => undefined))
  expect(met.get('status')).toBeGreaterThan(calls.length * 0.25)
  expect(told.filter(({ chat }) => chat === undefined).length).toBeGreaterThan(3)
  expect(told.length).toBeGreaterThan(10)
  expect(met.get('says')).toBeGreaterThan(50)
})
