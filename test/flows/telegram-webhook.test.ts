import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTelegramTown, type RunningApp, type TelegramTown } from '../support/telegram-app.ts'

const once = 'This is said only once, however often the question arrives here.'
let town: TelegramTown
let app: RunningApp

beforeAll(async () => {
  town = await createTelegramTown()
  const buttons = [{ label: 'What can you do?', action: '/help' }]
  app = await town.start({ webhook: true, bot: { welcome: { text: 'Hello!', buttons } } })
  await town.bot.until(() => town.bot.state.webhook !== undefined)
})
afterAll(() => town.close())

/** An update as Telegram would post it. */
function update(id: number, chatId: string, text: string): string {
  const from = `{"id":${chatId},"is_bot":false,"first_name":"A"}`
  const chat = `{"id":${chatId},"type":"private","first_name":"A"}`
  const message = `{"message_id":${id},"date":1,"from":${from},"chat":${chat},"text":${JSON.stringify(text)}}`
  return `{"update_id":${id},"message":${message}}`
}

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${app.address}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(name))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** Waits until every message is answered and every answer sent. */
const settled = () => expect.poll(() => metric('backlog_messages'), { timeout: 10_000 }).toBe(0)

describe('what Telegram delivers', () => {
  test('the same update three times is answered once', async () => {
    town.modelSays(once)
    const { bot } = town
    bot.person('1001').writes('hello there, who are you?')
    const id = bot.state.nextUpdateId
    await bot.waitForSent('1001', 1)
    bot.repeat(id)
    await bot.until(() => bot.state.updates.size === 0)
    const [message] = [...(bot.state.chats.get('1001')?.messages.values() ?? [])]
    const body = update(id, '1001', message?.text ?? '')
    expect((await app.post(body)).status).toBe(200)
    await settled()
    expect(bot.sentTo('1001').map(({ text }) => text)).toEqual([once])
  })

  test('ids beyond 2^53 reach the very person', async () => {
    town.modelSays('Exactly you are the one this answer was made for, and nobody else.')
    const [one, other] = ['9007199254740993', '9007199254740992']
    town.bot.person(other)
    town.bot.person(one).writes('is it me you are looking for?')
    await town.bot.waitForSent(one, 1)
    await settled()
    expect(town.bot.sentTo(other)).toEqual([])
  })

  test('a pressed button is acknowledged, again for a duplicate', async () => {
    const { bot } = town
    const person = bot.person('1003')
    person.writes('/start')
    await bot.waitForSent('1003', 1)
    const [button] = bot.sentTo('1003').at(-1)?.markup?.inline_keyboard.flat() ?? []
    expect(button).toBeDefined()
    const callback = person.presses(button?.text ?? '')
    await bot.until(() => bot.callback(callback).answers === 1)
    const tries = () => bot.state.calls.filter(({ method }) => method === 'answerCallbackQuery').length
    const before = tries()
    bot.repeat(bot.state.nextUpdateId)
    await bot.until(() => tries() > before)
    await settled()
  })

  test('a press on a button its message does not have is acknowledged and logged, and nothing else', async () => {
    const { bot } = town
    const person = bot.person('1004')
    const own = person.writes('/start')
    await bot.waitForSent('1004', 1)
    person.writes('/cancel')
    const [welcome, plain] = await bot.waitForSent('1004', 2)
    await settled()
    const before = await metric('messages_processed_total{sender_type="contact"}')
    const ignored = await metric('updates_ignored_total')
    const callbacks = [own, welcome?.id ?? 0, plain?.id ?? 0].flatMap((message) => [
      person.claimsToPress(message, 'cmd:status'),
      person.claimsToPress(message, 'cmd:status', { tooOld: true }),
    ])
    await bot.until(() => callbacks.every((id) => bot.callback(id).answers === 1))
    expect(await metric('updates_ignored_total')).toBe(ignored + callbacks.length)
    expect(await metric('messages_processed_total{sender_type="contact"}')).toBe(before)
    expect(town.logged()).toMatch(/press ignored: its message has no such button/)
    expect(bot.sentTo('1004')).toHaveLength(2)

    person.claimsToPress(welcome?.id ?? 0, '/help', { tooOld: true })
    person.presses('/help')
    await bot.waitForSent('1004', 3)
    await settled()
    expect(await metric('messages_processed_total{sender_type="contact"}')).toBe(before + 2)
  })

  test('kinds nobody asked for are confirmed and counted', async () => {
    const before = await metric('updates_ignored_total')
    expect((await app.post('{"update_id":5,"message_reaction":{}}')).status).toBe(200)
    expect((await app.post('{"update_id":6,"never_heard_of":[1,2,3]}')).status).toBe(200)
    expect((await app.post('{"update_id":7,"message":{"chat":"nonsense"}}')).status).toBe(200)
    expect(await metric('updates_ignored_total')).toBe(before + 3)
  })
})

describe('an update with a wrong type inside', () => {
  const from = '{"id":5,"is_bot":false,"first_name":"A"}'
  const chat = '{"id":5,"type":"private","first_name":"A"}'
  test.each([
    ['a text that is a number', `"message":{"message_id":1,"date":1,"from":${from},"chat":${chat},"text":5}`],
    [
      'a text that is a list',
      `"message":{"message_id":1,"date":1,"from":${from},"chat":${chat},"text":["/start"]}`,
    ],
    [
      'a chat id that is an object',
      `"message":{"message_id":1,"date":1,"from":${from},"chat":{"id":{},"type":"private"},"text":"x"}`,
    ],
    [
      'data that is an object',
      `"callback_query":{"id":"1","from":${from},"chat_instance":"1","data":{},"message":{"message_id":1,"date":1,"chat":${chat}}}`,
    ],
  ])('%s: confirmed, so that it does not come for ever, and left out', async (_, content) => {
    const before = await metric('messages_processed_total{sender_type="contact"}')
    expect((await app.post(`{"update_id":${88_000_000},${content}}`)).status).toBe(200)
    expect(await metric('messages_processed_total{sender_type="contact"}')).toBe(before)
  })
})

describe('what others deliver', () => {
  test.each([['wrong'], [''], [null], ['fake-webhook-secret-of-test']])(
    'with the secret %j: 401, nothing stored',
    async (secret) => {
      const before = await metric('messages_processed_total{sender_type="contact"}')
      const response = await app.post(update(99_000_001, '987654321987', 'let me in'), secret)
      expect(response.status).toBe(401)
      expect(await response.text()).not.toContain('987654321987')
      expect(await metric('messages_processed_total{sender_type="contact"}')).toBe(before)
      expect(town.bot.sentTo('987654321987')).toEqual([])
    },
  )

  test('malformed, oversized and ill-encoded bodies are refused, and the app goes on', async () => {
    for (const body of ['', '{', '[]', '"x"', 'null', '{"update_id":"1"}', Buffer.from([0x22, 0xff, 0x22])]) {
      expect((await app.post(body)).status).toBe(400)
    }
    const status = await app.post(Buffer.alloc(20 * 1024 * 1024, 0x20)).then(
      (response) => response.status,
      // The server hangs up while the rest is still being sent.
      () => 413,
    )
    expect(status).toBe(413)
    expect((await fetch(`${app.address}/livez`)).status).toBe(200)
  })

  test('nothing logged tells the token or the secret', () => {
    expect(town.logged()).not.toMatch(/FAKE-TOKEN|fake-webhook-secret/)
  })
})
