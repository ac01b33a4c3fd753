import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { fakeToken } from '../fakes/telegram/telegram.ts'
import { cookieOf, openPage, type Page } from '../support/page.ts'
import { incoming } from '../support/pipeline.ts'
import { createTelegramTown, type RunningApp, type TelegramTown } from '../support/telegram-app.ts'

const mostWaiting = 40
/** Five at once, each for a fifth of a second: about 25 answers a second. How late a busy machine is does not matter here. */
const pace = { concurrency: 5, max_waiting: mostWaiting, max_delay: '1m' }
const thinkingMs = 200
const answer = ['This is what was asked for, said at its own pace to everybody who was let in.']

let town: TelegramTown
let app: RunningApp
let store: Store
let lastUpdate = 1000
const account = fakeToken.split(':')[0] ?? ''

beforeAll(async () => {
  town = await createTelegramTown()
  app = await town.start({ webhook: true, pipeline: pace, server: { sockets: 3 } })
  store = await openStore(app.config.database, { onConnectionError: () => undefined })
  town.models.always({ tokens: answer, firstTokenMs: thinkingMs })
})
afterAll(async () => {
  await store.close()
  await town.close()
})

function updateOf(chat: number, text: string): string {
  lastUpdate += 1
  const from = { id: chat, is_bot: false, first_name: 'Ann', language_code: 'en' }
  const message = {
    message_id: lastUpdate,
    date: 1,
    from,
    chat: { id: chat, type: 'private', first_name: 'Ann' },
  }
  return JSON.stringify({ update_id: lastUpdate, message: { ...message, text } })
}

interface Said {
  chat: number
  status: number
  retryAfter: string | null
}

async function say(chat: number, text: string): Promise<Said> {
  const response = await app.post(updateOf(chat, text))
  await response.arrayBuffer()
  return { chat, status: response.status, retryAfter: response.headers.get('retry-after') }
}

/** So many people write at once over forty connections, as fast as they are answered. */
async function flood(first: number, people: number): Promise<Said[]> {
  const said: Said[] = []
  let next = first
  const line = async (): Promise<void> => {
    while (next < first + people) {
      const chat = next++
      town.bot.person(String(chat))
      said.push(await say(chat, `question ${chat}, please think about it`))
    }
  }
  await Promise.all(Array.from({ length: 40 }, line))
  return said
}

async function metric(name: string): Promise<number> {
  const page = await (await fetch(`${app.address}/metrics`)).text()
  const line = page.split('\n').find((candidate) => candidate.startsWith(`${name} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}

const health = async () => (await (await fetch(`${app.address}/health`)).json()) as Record<string, unknown>

/** All that waits is answered, within the time. */
const settled = (ms: number) =>
  expect
    .poll(() => store.read.messages.backlog(), { timeout: ms })
    .toMatchObject({ received: 0, queued: 0, failed: 0 })

describe('many times more than can be answered', () => {
  test('a part is stored and answered, the rest is told to come again and leaves no trace; then all is well', async () => {
    const before = process.memoryUsage().heapUsed
    const said = await flood(50_000, 600)
    const taken = said.filter(({ status }) => status === 200)
    const refused = said.filter(({ status }) => status === 503)
    expect(taken.length + refused.length).toBe(said.length)
    expect(taken.length).toBeGreaterThanOrEqual(mostWaiting)
    expect(refused.length).toBeGreaterThan(300)
    for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThan(0)
    expect(await store.read.messages.backlog()).toMatchObject({
      received: expect.toSatisfy((n) => n <= mostWaiting),
    })
    expect(await health()).toMatchObject({ status: 'degraded', checks: { capacity: { status: 'down' } } })
    expect((await fetch(`${app.address}/readyz`)).status).toBe(200)

    await settled(5000)
    expect(await metric('messages_processed_total{sender_type="contact"}')).toBe(taken.length)
    for (const { chat } of taken) expect(town.bot.sentTo(String(chat))).toHaveLength(1)
    for (const { chat } of refused) expect(town.bot.sentTo(String(chat))).toEqual([])
    // Everybody wrote once: the rows of each tell what is stored, and nothing else is.
    for (const { chat } of refused) expect(await conversationOf(String(chat))).toBeUndefined()
    for (const { chat } of taken) {
      const stored = await store.read.messages.page((await conversationOf(String(chat))) ?? '', { limit: 10 })
      expect(stored.map(({ author, state }) => `${author} ${state}`)).toEqual(['contact handled', 'bot sent'])
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024)

    const [late] = refused
    expect((await say(late?.chat ?? 0, 'and now?')).status).toBe(200)
    await settled(2000)
    await expect
      .poll(health, { timeout: 8000, interval: 200 })
      .toMatchObject({ checks: { capacity: { status: 'up' } } })
    const told = town.logged().split('\n')
    expect(told.filter((line) => line.includes('at capacity'))).toHaveLength(1)
    expect(told.filter((line) => line.includes('messages are taken again'))).toHaveLength(1)
  }, 30_000)

  test('what Telegram keeps meanwhile comes again by itself, each person in order', async () => {
    const people = Array.from({ length: 60 }, (_, nth) => String(70_000 + nth))
    for (const word of ['first', 'second'])
      for (const id of people) town.bot.person(id).writes(`${word} of ${id}?`)
    await expect.poll(() => town.bot.state.updates.size, { timeout: 15_000 }).toBe(0)
    await settled(10_000)
    for (const id of people) {
      const conversation = (await conversationOf(id)) ?? ''
      const page = await store.read.messages.page(conversation, { limit: 10 })
      const own = page.filter(({ author }) => author === 'contact').map(({ text }) => text)
      expect(own).toEqual([`first of ${id}?`, `second of ${id}?`])
      expect(page.at(-1)?.author).toBe('bot')
    }
  }, 30_000)

  test('one person who floods leaves room for the others', async () => {
    town.bot.person('80000')
    const flooder = await Promise.all(
      Array.from({ length: 100 }, (_, nth) => say(80_000, `again ${nth}, again`)),
    )
    expect(new Set(flooder.map(({ status }) => status))).toEqual(new Set([200, 429]))
    town.bot.person('80001')
    expect((await say(80_001, 'a calm question of somebody else')).status).toBe(200)
    await town.bot.waitForSent('80001', 1)
    await settled(5000)
  })
})

async function conversationOf(chat: string): Promise<string | undefined> {
  return (await store.read.conversations.find('telegram', account, chat, ''))?.id
}

describe('on the web chat', () => {
  const opened: Page[] = []
  /** Also a page of a test that failed gives its place back, and the server knows. */
  afterEach(async () => {
    for (const page of opened.splice(0)) page.socket.terminate()
    await expect.poll(() => metric('websocket_connections')).toBe(0)
  })

  async function open(): Promise<Page> {
    const page = openPage(app.address, { origin: app.address, cookie: await cookieOf(app.address) })
    opened.push(page)
    return page
  }

  test('a message is refused with when to come again, and taken once when there is room', async () => {
    const page = await open()
    await page.until('hello')
    // Those being answered take so long that what waits stays at its bound meanwhile.
    town.models.always({ tokens: answer, firstTokenMs: 4000 })
    const said = await flood(90_000, 60)
    expect(said.filter(({ status }) => status === 503).length).toBeGreaterThan(0)
    town.models.always({ tokens: answer, firstTokenMs: thinkingMs })
    const frame = { type: 'send', session: randomUUID(), id: randomUUID(), text: 'is there room for me?' }
    page.send(frame)
    const error = await page.until('error')
    expect(error).toMatchObject({ code: 'OVERLOADED', id: frame.id })
    expect(error['retryAfterMs']).toBeGreaterThanOrEqual(2000)
    await settled(15_000)
    page.send(frame)
    expect(await page.until('accepted')).toMatchObject({ id: frame.id, seq: 1 })
  }, 30_000)

  test('sockets too many are refused with 503; when one is gone the next is welcome', async () => {
    const pages = await Promise.all([open(), open(), open()])
    await Promise.all(pages.map((page) => page.until('hello')))
    const [status, retryAfter] = await refusal()
    expect(status).toBe(503)
    expect(retryAfter).toBeGreaterThan(0)
    pages[0]?.socket.close()
    await pages[0]?.closed
    await expect.poll(async () => (await refusal())[0]).toBe(101)
  })
})

/** How a socket more is answered. */
async function refusal(): Promise<[status: number, retryAfter: number]> {
  const { socket } = openPage(app.address, { origin: app.address, cookie: await cookieOf(app.address) })
  return new Promise((resolve) => {
    socket.once('unexpected-response', (_, { statusCode = 0, headers }) => {
      socket.terminate()
      resolve([statusCode, Number(headers['retry-after'])])
    })
    socket.once('open', () => {
      socket.close()
      resolve([101, 0])
    })
  })
}

test('what waits for another bot takes no room of this one', async () => {
  const other = { channel: 'telegram', account: '99' }
  const arrivals = Array.from({ length: 2 * mostWaiting }, (_, nth) => ({
    incoming: incoming('telegram', `9${nth}`, 'is anybody there?', other),
    quietMs: 0,
    immune: true,
  }))
  await store.write((tx) => tx.inbox.accept(arrivals, Date.now()))
  town.bot.person('40000')
  for (let times = 0; times < 4; times += 1) {
    expect((await say(40_000, 'and do I get an answer?')).status).toBe(200)
    await sleep(400)
  }
  await town.bot.waitForSent('40000', 1)
  await store.write((tx) => tx.accounts.giveUp(other, Date.now(), 10 * mostWaiting))
  await settled(5000)
})

test('a poller fetches later what is too much, and nothing is lost or logged as a fault', async () => {
  const polled = await createTelegramTown()
  try {
    polled.models.always({
      tokens: ['This is what was asked for, said to everybody.'],
      firstTokenMs: thinkingMs,
    })
    const people = Array.from({ length: 120 }, (_, nth) => String(60_000 + nth))
    await polled.start({ pipeline: { ...pace, concurrency: 20 } })
    for (const id of people) polled.bot.person(id).writes(`question of ${id}, please think`)
    await Promise.all(people.map((id) => polled.bot.waitForSent(id, 1, 15_000)))
    expect(polled.logged()).toContain('at capacity')
    expect(polled.logged()).not.toContain('unexpected fault')
  } finally {
    await polled.close()
  }
}, 30_000)
