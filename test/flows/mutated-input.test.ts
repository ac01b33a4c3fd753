import { isUtf8 } from 'node:buffer'
import { randomInt } from 'node:crypto'
import { Pool } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { maxFrameBytes } from '../../src/http/contract/socket.ts'
import { heldBytes } from '../support/memory.ts'
import { createMutator, type Mutator } from '../support/mutations.ts'
import { cookieOf, type Frame } from '../support/page.ts'
import { createDatabase, type DatabaseKind, databaseKinds } from '../support/stores.ts'
import { beginTalk } from '../support/talk.ts'
import {
  createTelegramTown,
  type RunningApp,
  type TelegramTown,
  webhookSecret,
} from '../support/telegram-app.ts'

const seed = Number(process.env['CRASH_SEED'] ?? randomInt(2 ** 31))
const inputs = Number(process.env['CRASH_MUTATIONS'] ?? 60_000)
/** For each database. */
const bodies = Math.ceil((inputs * 5) / 6 / databaseKinds.length)
const frames = Math.ceil(inputs / 6)
const longestMs = 60_000 + inputs * 10
/** Connections, kept open. */
const atOnce = 100
const bodyLimit = 256 * 1024
const mostHeld = 50 * 1024 * 1024

/** Whoever the spoiled updates are from, where that is left. */
const crowd = Array.from({ length: 40 }, (_, nth) => 5_000_000 + nth)
const text = [
  'hello there',
  'What does it cost?',
  '/help',
  '/start',
  'My mail is a@example.com, call me please',
]
const updates = crowd.flatMap((id, nth) => {
  const from = { id, is_bot: false, first_name: 'Ann', username: 'ann', language_code: 'en' }
  const chat = { id, type: 'private', first_name: 'Ann' }
  const said = { message_id: nth + 1, date: 1, from, chat, text: text[nth % text.length] }
  const group = { id: -1_000_000_000_000 - id, type: 'supergroup', title: 'Group' }
  const mention = { type: 'mention', offset: 0, length: 11 }
  return [
    { message: said },
    { message: { ...said, text: undefined, photo: [{ file_id: 'x' }], caption: 'look' } },
    { message: { ...said, chat: group, text: '@parley_bot hello', entities: [mention] } },
    { message: { ...said, chat: group, text: undefined, migrate_to_chat_id: group.id - 1 } },
    { edited_message: { ...said, edit_date: 2, text: 'I meant this' } },
    { callback_query: { id: '77', from, chat_instance: '1', data: 'cmd:help', message: said } },
  ].map((content) => JSON.stringify(content).replace('{', '{"update_id":#########,'))
})

let town: TelegramTown
let app: RunningApp
let drop: (() => Promise<void>) | undefined
afterEach(async () => {
  await town.close()
  await drop?.()
})

async function boot(kind: DatabaseKind): Promise<void> {
  town = await createTelegramTown({ record: false, quiet: true })
  const database = await createDatabase(kind)
  drop = database.drop
  const { options } = database
  app = await town.start({
    // All of it is looked at, however much waits.
    pipeline: { max_waiting: 1_000_000 },
    webhook: true,
    // As people type: what comes in a burst is one turn.
    telegram: { quiet_window: '500ms' },
    models: { max_output_tokens: 100, context_tokens: 500 },
    price: '0/0',
    server: { body_limit: `${bodyLimit / 1024}kb` },
    ...(options.kind === 'postgres' && { databaseUrl: options.url }),
  })
  town.modelSays('This is the answer of the model, and it is long enough to be sure.')
  for (const id of crowd) town.bot.person(String(id))
  await town.bot.until(() => town.bot.state.webhook !== undefined)
}

const metric = async (name: string): Promise<number> => {
  const lines = (await (await fetch(`${app.address}/metrics`)).text()).split('\n')
  return lines
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** Forgets what the fakes remember: it is not the application's. */
async function held(): Promise<number> {
  await expect.poll(() => metric('backlog_messages'), { timeout: 60_000, interval: 200 }).toBe(0)
  town.models.requests.length = 0
  town.bot.state.sent.length = 0
  for (const chat of town.bot.state.chats.values()) chat.messages.clear()
  return heldBytes()
}

/** Posts so many spoiled updates, some at once; how many got which status. */
async function post(mutator: Mutator, count: number): Promise<Map<number, number>> {
  const pool = new Pool(app.address, { connections: atOnce, headersTimeout: 10_000, bodyTimeout: 10_000 })
  const statuses = new Map<number, number>()
  const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': webhookSecret }
  let left = count
  async function work(): Promise<void> {
    while (left > 0) {
      left -= 1
      const body = mutator.next()
      const status = await pool.request({ path: '/webhook/telegram', method: 'POST', headers, body }).then(
        async (response) => {
          await response.body.dump()
          return response.statusCode
        },
        // The server hangs up while the rest of a body too large is still being sent.
        (error: unknown) => {
          if (body.length > bodyLimit) return 413
          throw new Error(`seed ${seed}: ${String(error)}: ${body.toString('latin1').slice(0, 2000)}`)
        },
      )
      if (status >= 500) throw new Error(`seed ${seed}: ${status}: ${body.toString('latin1').slice(0, 2000)}`)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await pool.close()
  return statuses
}

/** People who write in the midst of it, each a question of their own. */
function writeInBetween(count: number): string[] {
  const people = Array.from({ length: count }, (_, nth) => String(9_000_000 + nth))
  for (const id of people) town.bot.person(id).writes('what can you do for me?')
  return people
}

describe.each(databaseKinds)('on %s', (kind) => {
  test(
    'spoiled webhook calls are refused or confirmed, and people between them get their answers',
    async () => {
      await boot(kind)
      const mutator = createMutator({ seed, texts: updates, largest: bodyLimit })
      await post(mutator, 2000)
      const before = await held()
      const began = performance.now()
      const asked = writeInBetween(100)
      const statuses = await post(mutator, bodies)
      const seconds = (performance.now() - began) / 1000
      for (const id of asked) expect(await town.bot.waitForSent(id, 1, 20_000)).toHaveLength(1)
      const [stored, failed] = [
        await metric('messages_processed_total{sender_type="contact"}'),
        await metric('turns_total{outcome="failed"}'),
      ]
      const more = (await held()) - before
      process.stdout.write(
        `${kind}: ${JSON.stringify(Object.fromEntries(statuses))} in ${seconds.toFixed(1)} s, ${stored} stored, ${(more / 1e6).toFixed(1)} MB more\n`,
      )
      expect(new Set(statuses.keys()), `seed ${seed}`).toEqual(new Set([200, 400, 413]))
      expect(stored).toBeGreaterThan(bodies / 50)
      expect(failed).toBe(0)
      expect(await metric('dead_letters_total{kind="update"}')).toBe(0)
      expect(more).toBeLessThan(mostHeld)
      town.bot.person('8000000').writes('and do you still answer?')
      expect(await town.bot.waitForSent('8000000', 1)).toHaveLength(1)
      expect((await fetch(`${app.address}/health`)).status).toBe(200)
    },
    longestMs,
  )
})

const session = '00000000-0000-4000-8000-############'
const id = '00000000-0000-4000-8000-############'
const clientFrames = [
  { type: 'open', session, after: 0 },
  { type: 'send', session, id, text: 'What does it cost?' },
  { type: 'press', session, id, seq: 0, action: 'cmd:help' },
  { type: 'history', session, before: 3 },
  { type: 'sessions' },
  { type: 'ping' },
].map((frame) => JSON.stringify(frame))

/** Every frame that was parsed gets one of these, a malformed one an error. */
const answers = ['error', 'opened', 'accepted', 'history', 'sessions', 'pong']
/** A socket is closed for the sixth malformed frame. */
const eachSocket = 5
const socketsAtOnce = 20

/** Sends the frames over a socket of their own, and then a ping; resolves with their answers and the close code. */
function ask(given: Buffer[], headers: Record<string, string>): Promise<{ found: Frame[]; code: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ found: Frame[]; code: number }>()
  const socket = new WebSocket(`${app.address.replace('http', 'ws')}/ws`, { headers })
  const found: Frame[] = []
  const silence = setTimeout(() => reject(new Error(`seed ${seed}: no answer to ${String(given)}`)), 20_000)
  socket.on('error', reject)
  socket.on('close', (code) => {
    clearTimeout(silence)
    resolve({ found, code })
  })
  socket.on('message', (data) => {
    const frame = JSON.parse((data as Buffer).toString())
    if (frame.type === 'hello')
      for (const one of [...given, '{"type":"ping"}']) socket.send(one, { binary: false })
    if (answers.includes(frame.type)) found.push(frame)
    if (found.length > given.length) socket.close(1000)
  })
  return promise
}

/** What the socket's own protocol refuses, by closing. */
const breaks = (frame: Buffer): boolean => frame.length > maxFrameBytes || !isUtf8(frame)

test(
  'spoiled frames are answered one by one or close their socket, and somebody between them is answered',
  async () => {
    await boot('sqlite')
    const mutator = createMutator({ seed, texts: clientFrames, largest: maxFrameBytes })
    const headers = { origin: app.address, cookie: await cookieOf(app.address) }
    const talk = await beginTalk(app.address)
    let [parsed, refused, closed] = [0, 0, 0]
    const round = async (): Promise<void> => {
      const given = Array.from({ length: eachSocket * socketsAtOnce }, () => mutator.next())
      const whole = given.filter((frame) => !breaks(frame))
      const groups = Array.from({ length: Math.ceil(whole.length / eachSocket) }, (_, nth) =>
        whole.slice(nth * eachSocket, (nth + 1) * eachSocket),
      )
      const breaking = given.filter(breaks)
      const ends = await Promise.all(breaking.map((frame) => ask([frame], headers)))
      for (const { code } of ends) expect([1007, 1009], `seed ${seed}`).toContain(code)
      closed += breaking.length
      for (const { found } of await Promise.all(groups.map((group) => ask(group, headers)))) {
        expect(
          found.filter(({ code }) => code === 'INTERNAL'),
          `seed ${seed}`,
        ).toEqual([])
        // The answer to the ping proves the socket open after all of them.
        parsed += found.length - 1
        refused += found.filter(({ code }) => code === 'REQUEST_INVALID').length
      }
    }
    for (let warm = 0; warm < 5; warm += 1) await round()
    const before = await held()
    ;[parsed, refused, closed] = [0, 0, 0]
    const began = performance.now()
    while (parsed + closed < frames) {
      if (parsed % 1000 < eachSocket) await talk.say('what can you do for me?')
      await round()
    }
    const seconds = (performance.now() - began) / 1000
    const said = talk.frames.filter(({ type }) => type === 'accepted').length
    const more = (await held()) - before
    process.stdout.write(
      `frames: ${parsed} parsed (${refused} refused), ${closed} closed their socket, in ${seconds.toFixed(1)} s, ${(more / 1e6).toFixed(1)} MB more\n`,
    )
    expect(refused, `seed ${seed}`).toBeGreaterThan(parsed / 2)
    expect(more).toBeLessThan(mostHeld)
    expect(said).toBeGreaterThan(0)
    await expect.poll(() => talk.answers().length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect((await fetch(`${app.address}/health`)).status).toBe(200)
  },
  longestMs,
)
