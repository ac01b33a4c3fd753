import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createRandom, type Random } from '../crash/random.ts'
import { createWebhookClient, type WebhookClient } from '../fakes/telegram/webhook-client.ts'
import { createTestDatabase, type TestDatabase } from '../support/databases.ts'
import { query } from '../support/sql.ts'
import { databaseKinds } from '../support/stores.ts'
import {
  createTelegramTown,
  type RunningApp,
  type TelegramTown,
  webhookSecret,
} from '../support/telegram-app.ts'

/** Distinct updates; see docs/operations/crash-tests.md. */
const distinct = Number(process.env.CRASH_DUPLICATES ?? 1000)
const seed = Number(process.env.CRASH_SEED ?? 1)
const perChat = 5
const connections = 40
const copiesAtOnce = 16

let town: TelegramTown | undefined
let database: TestDatabase | undefined
afterEach(async () => {
  await town?.close()
  await database?.drop()
  town = database = undefined
})

const chatOf = (id: number): string => String(700_000_000 + Math.floor(id / perChat))

function update(id: number): string {
  const chat = `{"id":${chatOf(id)},"type":"private","first_name":"A"}`
  const from = `{"id":${chatOf(id)},"is_bot":false,"first_name":"A"}`
  return `{"update_id":${id},"message":{"message_id":${id},"date":1,"from":${from},"chat":${chat},"text":"/start"}}`
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const mixed = [...list]
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    const other = random.between(0, index)
    ;[mixed[index], mixed[other]] = [mixed[other] as T, mixed[index] as T]
  }
  return mixed
}

/** As Telegram does: what was not answered with 200 comes again. */
async function deliver(client: WebhookClient, id: number): Promise<void> {
  while ((await client.post(update(id))).error !== undefined) await sleep(20)
}

/** Delivers all of them, `connections` at a time; `onPassed` hears how many went. */
async function deliverAll(
  client: WebhookClient,
  ids: readonly number[],
  onPassed: (count: number) => void = () => undefined,
): Promise<void> {
  let next = 0
  async function lane(): Promise<void> {
    while (next < ids.length) {
      next += 1
      await deliver(client, ids[next - 1] as number)
      onPassed(next)
    }
  }
  await Promise.all(Array.from({ length: connections }, lane))
}

async function start(kind: (typeof databaseKinds)[number]): Promise<RunningApp> {
  const running = (town = await createTelegramTown())
  if (kind === 'postgres') database = await createTestDatabase()
  for (let id = 0; id < distinct; id += perChat) running.bot.person(chatOf(id))
  return running.start({ webhook: true, ...(database && { databaseUrl: database.url }) })
}

const webhookOf = (app: RunningApp, maxConnections: number): WebhookClient =>
  createWebhookClient(
    {
      url: `${app.address}/webhook/telegram`,
      secret: webhookSecret,
      maxConnections,
      lastErrorDate: undefined,
      lastErrorMessage: undefined,
    },
    60_000,
  )

interface Stored {
  chat: string
  author: string
  state: string
  update_id: string | null
  turn_id: string | null
}

test.each(databaseKinds)(
  `${distinct} updates, each three times, shuffled, some 16 times at one instant, across a restart: each is handled once, on %s`,
  { timeout: 60_000 + distinct * 60 },
  async (kind) => {
    const app = await start(kind)
    const random = createRandom(seed)
    const ids = Array.from({ length: distinct }, (_, id) => id)
    const clients = [webhookOf(app, connections), webhookOf(app, copiesAtOnce)] as const
    const copies = shuffled([...ids, ...ids, ...ids], random)
    let restarted: Promise<void> | undefined
    const flood = deliverAll(clients[0], copies, (count) => {
      if (count >= copies.length / 2) restarted ??= app.restart()
    })
    for (let burst = 0; burst < distinct / 50; burst += 1) {
      const id = random.pick(ids)
      await Promise.all(Array.from({ length: copiesAtOnce }, () => deliver(clients[1], id)))
    }
    await Promise.all([flood, restarted])

    const rows = () =>
      query<Stored>(
        app.config.database,
        `select conversations.chat_id as chat, messages.author, messages.state, messages.update_id, messages.turn_id
        from messages join conversations on conversations.id = messages.conversation_id`,
      )
    const working = async () =>
      (await rows()).filter(({ state }) => !['handled', 'sent'].includes(state)).length
    await expect.poll(working, { timeout: 30_000 + distinct * 10, interval: 200 }).toBe(0)
    await app.restart()
    await deliverAll(clients[0], shuffled(ids, random).slice(0, distinct / 4))
    for (const client of clients) await client.close()

    const stored = await rows()
    const asked = stored.filter(({ author }) => author === 'contact')
    expect(asked).toHaveLength(distinct)
    expect(new Set(asked.map((row) => row.update_id)).size).toBe(distinct)
    expect(asked.filter(({ state, turn_id }) => state !== 'handled' || turn_id === null)).toEqual([])
    const answered = Map.groupBy(
      stored.filter(({ author }) => author === 'bot'),
      ({ chat }) => chat,
    )
    const chats = [...new Set(ids.map(chatOf))]
    const wrong = chats.filter((chat) => town?.bot.sentTo(chat).length !== answered.get(chat)?.length)
    expect(restarted).toBeDefined()
    expect(wrong).toEqual([])
  },
)
