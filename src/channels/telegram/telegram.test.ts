import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Fault } from '../../../test/fakes/telegram/faults.ts'
import {
  createFakeTelegram,
  type FakeTelegram,
  type FakeTelegramOptions,
  fakeToken,
} from '../../../test/fakes/telegram/telegram.ts'
import { createMemoryAllowances } from '../../coordination/memory/allowances.ts'
import type { Incoming } from '../../model/message.ts'
import { systemClock } from '../../model/time.ts'
import { createLog } from '../../ops/log.ts'
import type { Destination } from '../channel.ts'
import { createHealth } from './health.ts'
import type { Menu } from './menu.ts'
import { createTelegram, type TelegramChannel, type TelegramConfig } from './telegram.ts'

const noRate = { perChat: 0, perGroupMinute: 0, overall: 0 }
const running: (() => Promise<void>)[] = []

interface Lab {
  fake: FakeTelegram
  bot: ReturnType<FakeTelegram['bot']>
  channel(config?: Partial<TelegramConfig>): TelegramChannel
  conflicts(): number
  /** Another process takes the lease for polling. */
  takeLease(): void
  logged(): string[]
  /** The menus of this moment. */
  menus: Menu[]
}

async function createLab(options: FakeTelegramOptions = {}): Promise<Lab> {
  const fake = await createFakeTelegram(options)
  running.push(() => fake.stop())
  let conflicts = 0
  const menus: Menu[] = [{ language: '', commands: [{ command: 'help', description: 'What I can do' }] }]
  const lines: string[] = []
  const leases = new Map<string, { holder: object; until: number }>()
  return {
    fake,
    bot: fake.bot(fakeToken),
    conflicts: () => conflicts,
    takeLease() {
      for (const lease of leases.values())
        Object.assign(lease, { holder: {}, until: Number.POSITIVE_INFINITY })
    },
    logged: () => lines,
    menus,
    channel(config = {}) {
      const holder = {}
      const channel = createTelegram({
        receives: 'updates',
        paceOf: () => createMemoryAllowances(),
        config: {
          token: fakeToken,
          apiRoot: fake.root,
          webhookUrl: undefined,
          webhookSecret: undefined,
          triggers: [],
          quietWindowMs: 0,
          rate: noRate,
          timeoutMs: 2000,
          ...config,
        },
        menus: () => menus,
        lease: {
          async hold(name, ms) {
            const lease = leases.get(name)
            if (lease && lease.holder !== holder && lease.until > Date.now()) return false
            leases.set(name, { holder, until: Date.now() + ms })
            return true
          },
          async release(name) {
            if (leases.get(name)?.holder === holder) leases.delete(name)
          },
          until: async (name) => leases.get(name)?.until,
        },
        events: {
          channelChanged: () => {},
          channelConflict: () => (conflicts += 1),
          updatesIgnored: () => {},
          faulted: () => {},
        },
        log: createLog('debug', (line) => lines.push(line)),
        clock: systemClock,
      })
      // Stopped before the fake is.
      running.unshift(() => channel.stop?.() ?? Promise.resolve())
      return channel
    },
  }
}

afterEach(async () => {
  vi.useRealTimers()
  for (const stop of running.splice(0)) await stop()
})

const to = (chatId: string, about: Partial<Destination> = {}): Destination => ({
  conversationId: `c${chatId}`,
  chatId,
  threadId: '',
  kind: 'private',
  ...about,
})
const say = (destination: Destination, text: string, plain = false) => ({
  ...destination,
  seq: 1,
  text,
  buttons: undefined,
  plain,
  before: Number.POSITIVE_INFINITY,
})

describe('sending', () => {
  test('Markdown, buttons, topics and ids beyond 2^53', async () => {
    const { bot, channel } = await createLab()
    const telegram = channel()
    const id = '9007199254740993'
    bot.person(id)
    bot.group('-1009007199254740995', { forum: true, topics: { 7: 'Topic' } })
    const buttons = [[{ label: 'Yes', action: 'yes' }]]
    expect(await telegram.send({ ...say(to(id), '**hello**'), buttons })).toEqual({
      ok: true,
      platformId: '1',
    })
    const inTopic = to('-1009007199254740995', { threadId: '7', kind: 'group' })
    expect(await telegram.send(say(inTopic, 'there'))).toMatchObject({ ok: true })
    expect(bot.sentTo(id)).toMatchObject([
      {
        text: 'hello',
        entities: [{ type: 'bold', offset: 0, length: 5 }],
        markup: { inline_keyboard: [[{ text: 'Yes', callback_data: 'yes' }]] },
      },
    ])
    expect(bot.sentTo('-1009007199254740995')).toMatchObject([{ text: 'there', thread: 7 }])
  })

  test('4,097 and 60,000 characters arrive whole and in order, buttons under the last', async () => {
    const { bot, channel } = await createLab()
    const telegram = channel()
    bot.person('1')
    for (const length of [4097, 60_000]) {
      const text = Array.from({ length }, (_, n) => `w${n}`)
        .join(' ')
        .slice(0, length)
      const parts = telegram.split({ text, buttons: [[{ label: 'Ok', action: 'ok' }]] })
      expect(parts.map(({ buttons }) => buttons !== undefined)).toEqual(
        parts.map((_, at) => at === parts.length - 1),
      )
      const before = bot.sentTo('1').length
      for (const part of parts)
        expect(await telegram.send({ ...say(to('1'), part.text), buttons: part.buttons })).toMatchObject({
          ok: true,
        })
      expect(
        bot
          .sentTo('1')
          .slice(before)
          .map((sent) => sent.text)
          .join(' '),
      ).toBe(text)
    }
  })

  test('each refusal is classified', async () => {
    const { fake, bot, channel } = await createLab()
    const telegram = channel({ timeoutMs: 300 })
    const fault = async (text = 'hi', chatId = '1') => {
      const result = await telegram.send(say(to(chatId), text))
      return result.ok ? undefined : result.fault
    }
    const { chat } = bot.person('1')
    expect(await fault('hi', '2')).toEqual({ kind: 'final', reason: 'Bad Request: chat not found' })
    expect(await fault(' \u200b ')).toEqual({ kind: 'final', reason: 'the reply has no text' })
    chat.state = 'blocked'
    expect(await fault()).toEqual({ kind: 'final', reason: 'Forbidden: bot was blocked by the user' })
    chat.state = 'open'
    fake.faults.add('sendMessage', { kind: 'status', code: 302 })
    expect(await fault()).toMatchObject({ kind: 'retry' })
    for (const code of [500, 502, 504]) {
      fake.faults.add('sendMessage', { kind: 'status', code })
      expect(await fault()).toMatchObject({ kind: 'unknown', isAnswered: code !== 504 })
    }
    for (const body of [
      '{"ok":true,"resu',
      '',
      '<html>',
      '{"ok":true}',
      '{"ok":true,"result":null}',
      '{"ok":true,"result":{}}',
    ]) {
      fake.faults.add('sendMessage', { kind: 'says', code: 200, body })
      const unread = await fault()
      expect(unread).toMatchObject({ kind: 'unknown' })
      expect(unread).not.toMatchObject({ isAnswered: true })
    }
    fake.faults.add('sendMessage', {
      kind: 'says',
      code: 500,
      body: '{"ok":false,"error_code":500,"description":"Internal Server Error: restart"}',
    })
    expect(await fault()).toEqual({
      kind: 'unknown',
      reason: 'Internal Server Error: restart',
      isAnswered: true,
    })
    fake.faults.add('sendMessage', { kind: 'reset' })
    expect(await fault()).toMatchObject({ kind: 'unknown', isAnswered: false })
    fake.faults.add('sendMessage', { kind: 'hang' })
    expect(await fault()).toMatchObject({ kind: 'unknown', isAnswered: false })
    expect(await fault()).toBeUndefined()
  })

  test('a group that became a supergroup is answered there, and asked only once', async () => {
    const { bot, channel, logged } = await createLab()
    const telegram = channel()
    const id = '-1009007199254740995'
    bot.upgrade(bot.group('-5', { kind: 'group' }), id)
    const there = to('-5', { kind: 'group' })
    expect(await telegram.send(say(there, 'one'))).toMatchObject({ ok: true })
    expect(await telegram.send(say(there, 'two'))).toMatchObject({ ok: true })
    telegram.typing?.(there)
    await bot.until(() => bot.state.actions.length === 1)
    expect(bot.state.actions).toMatchObject([{ chatId: id }])
    expect(bot.sentTo(id).map(({ text }) => text)).toEqual(['one', 'two'])
    expect(bot.state.calls.map(({ args }) => args['chat_id'])).toEqual(['-5', id, id, id])
    expect(logged().filter((line) => line.includes(`"newChatId":"${id}"`))).toHaveLength(1)
  })

  test('chats that name each other as the new one end in a refusal', async () => {
    const { bot, channel } = await createLab()
    bot.group('-5').upgradedTo = '-6'
    bot.group('-6').upgradedTo = '-5'
    const fault = { kind: 'final', reason: expect.stringContaining('the chat is now -5') }
    expect(await channel().send(say(to('-5'), 'x'))).toMatchObject({ ok: false, fault })
    expect(bot.state.calls).toHaveLength(2)
  })

  test('no fault tells the token', async () => {
    const { channel, fake } = await createLab()
    const telegram = channel({ apiRoot: 'http://127.0.0.1:1' })
    expect(JSON.stringify(await telegram.send(say(to('1'), 'x')))).not.toContain('FAKE-TOKEN')
    fake.faults.add('sendMessage', { kind: 'reset' })
    expect(JSON.stringify(await channel().send(say(to('1'), 'x')))).not.toContain('FAKE-TOKEN')
  })

  test('after a 429 nothing is sent before retry_after', async () => {
    const { fake, bot, channel } = await createLab()
    const telegram = channel()
    bot.person('1')
    bot.person('2')
    fake.faults.add('sendMessage', { kind: 'flood', seconds: 30 })
    expect(await telegram.send(say(to('1'), 'x'))).toMatchObject({
      ok: false,
      fault: { kind: 'wait', ms: 30_000, scope: 'account' },
    })
    const again = await telegram.send(say(to('2'), 'x'))
    expect(again).toMatchObject({ ok: false, fault: { kind: 'wait', scope: 'account' } })
    telegram.typing?.(to('2'))
    expect(bot.state.calls.map(({ method }) => method)).toEqual(['sendMessage'])
    expect(bot.state.limiter.violations).toBe(0)
  })

  test('after a 429 in a group nothing is sent there before retry_after, also in its topics', async () => {
    const { fake, bot, channel } = await createLab()
    const telegram = channel()
    bot.person('1')
    bot.group('-5', { forum: true, topics: { 7: 'Topic' } })
    fake.faults.add('sendMessage', { kind: 'flood', seconds: 30, chat: '-5' })
    const fault = { kind: 'wait', ms: 30_000, scope: 'chat' }
    const there = to('-5', { kind: 'group' })
    expect(await telegram.send(say(there, 'x'))).toMatchObject({ ok: false, fault })
    const topic = to('-5', { kind: 'group', threadId: '7' })
    const again = await telegram.send(say(topic, 'x'))
    expect(again).toMatchObject({ ok: false, fault: { kind: 'wait', scope: 'chat' } })
    expect(await telegram.send(say(to('1'), 'x'))).toMatchObject({ ok: true })
    expect(bot.state.calls).toHaveLength(2)
    expect(bot.state.limiter.violations).toBe(0)
  })

  test('a 429 also stops what waits for a connection', async () => {
    const { fake, bot, channel } = await createLab()
    const telegram = channel()
    bot.person('1')
    const send = () => telegram.send(say(to('1'), 'x'))
    const times = (count: number) => Promise.all(Array.from({ length: count }, send))
    fake.faults.add('sendMessage', { kind: 'slow', ms: 1000 }, 63)
    const slow = times(63)
    await expect.poll(() => bot.state.calls.length, { interval: 5 }).toBe(63)
    fake.faults.add('sendMessage', { kind: 'flood', seconds: 30 })
    for (const result of await times(3))
      expect(result).toMatchObject({ ok: false, fault: { kind: 'wait', scope: 'account' } })
    expect(bot.state.calls).toHaveLength(64)
    await slow
  })

  test('a clock turned back by hours makes nobody wait for hours', async () => {
    const { fake, bot, channel } = await createLab()
    const telegram = channel()
    bot.person('1')
    fake.faults.add('sendMessage', { kind: 'flood', seconds: 1 })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * 3_600_000 })
    await telegram.send(say(to('1'), 'x'))
    vi.useRealTimers()
    const again = await telegram.send(say(to('1'), 'x'))
    expect(again).toMatchObject({ fault: { kind: 'wait', ms: expect.any(Number) } })
    expect(again.ok || again.fault.kind !== 'wait' || again.fault.ms).toBeLessThanOrEqual(1000)
  })

  test('what waited until another process may send it is not sent', async () => {
    const { bot, channel } = await createLab()
    bot.person('1')
    const late = { ...say(to('1'), 'x'), before: performance.now() - 1 }
    expect(await channel().send(late)).toMatchObject({ fault: { kind: 'wait', ms: 0, scope: 'chat' } })
    expect(bot.state.calls).toEqual([])
  })

  test('a refused token keeps replies waiting and is told', async () => {
    const { channel } = await createLab()
    const telegram = channel({ token: fakeToken.replace('FAKE', 'FAKF') })
    expect(await telegram.send(say(to('1'), 'x'))).toMatchObject({
      ok: false,
      fault: { kind: 'wait', scope: 'account' },
    })
    expect(telegram.status()).toMatchObject({
      state: 'down',
      detail: expect.stringContaining('refuses the token'),
      fault: 'refused',
    })
  })

  test('that cannot be reached is told in words for operators, once', async () => {
    const told: unknown[] = []
    const health = createHealth({ channelChanged: (event) => told.push(event) })
    const description = 'no answer from Telegram (ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1)'
    for (let count = 0; count < 2; count++) health.failed({ status: 0, description })
    expect(health.get()).toEqual({
      state: 'down',
      detail: 'Telegram cannot be reached, ECONNREFUSED: check the network of this machine',
      fault: 'unreachable',
    })
    expect(told).toHaveLength(1)
  })

  test('a source the platform refused goes out as it is', async () => {
    const { bot, channel } = await createLab()
    bot.person('1')
    await channel().send(say(to('1'), '**x**', true))
    expect(bot.sentTo('1')).toMatchObject([{ text: '**x**', entities: [] }])
  })
})

describe('showing that it works', () => {
  test('drafts in private chats, never after the message', async () => {
    const { bot, channel } = await createLab()
    const telegram = channel()
    bot.person('1')
    telegram.preview?.(to('1'), 't1', '**a')
    await bot.until(() => bot.state.drafts.length === 1)
    telegram.preview?.(to('1'), 't1', '**a** b')
    telegram.preview?.(to('1'), 't1', '**a** b c')
    await bot.until(() => bot.state.drafts.length === 2)
    telegram.preview?.(to('1'), 't1', 'too late')
    await telegram.send(say(to('1'), 'done'))
    telegram.preview?.(to('1'), 't1', 'much too late')
    await new Promise((resolve) => setTimeout(resolve, 900))
    expect(bot.state.drafts.map(({ text }) => text)).toEqual(['**a', 'a b c'])
    expect(new Set(bot.state.drafts.map(({ draftId }) => draftId)).size).toBe(1)
  })

  test('no drafts in groups, and none where the server does not know them', async () => {
    const { bot, channel } = await createLab({ unknownMethods: ['sendMessageDraft'] })
    const telegram = channel()
    bot.person('1')
    bot.group('-5')
    telegram.preview?.(to('-5', { kind: 'group' }), 't1', 'x')
    telegram.preview?.(to('1'), 't2', 'x')
    const tried = () =>
      bot.state.calls.filter(({ method, status }) => method === 'sendMessageDraft' && status === 404)
    await bot.until(() => tried().length === 1)
    telegram.preview?.(to('1'), 't3', 'y')
    await telegram.send(say(to('1'), 'done'))
    expect(tried()).toHaveLength(1)
  })

  test('drafts leave half of what may be sent to replies', async () => {
    const { bot, channel } = await createLab()
    const telegram = channel({ rate: { ...noRate, overall: 10 } })
    const people = Array.from({ length: 12 }, (_, nth) => String(100 + nth))
    for (const id of people) {
      bot.person(id)
      telegram.preview?.(to(id), `t${id}`, 'The answer so far')
    }
    await bot.until(() => bot.state.drafts.length === 5)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(bot.state.drafts).toHaveLength(5)
    const sent = await Promise.all(people.slice(0, 5).map((id) => telegram.send(say(to(id), 'done'))))
    expect(sent.map(({ ok }) => ok)).toEqual(Array.from({ length: 5 }, () => true))
  })

  test('a 429 on a draft ends drafts for its time, and holds up no reply', async () => {
    const { fake, bot, channel } = await createLab()
    const telegram = channel()
    for (const id of ['1', '2']) bot.person(id)
    fake.faults.add('sendMessageDraft', {
      kind: 'says',
      code: 429,
      body: '{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":30}}',
    })
    const drafts = () => bot.state.calls.filter(({ method }) => method === 'sendMessageDraft')
    telegram.preview?.(to('1'), 't1', 'a')
    await expect.poll(() => drafts().length).toBe(1)
    expect(await telegram.send(say(to('1'), 'done'))).toMatchObject({ ok: true })
    telegram.preview?.(to('2'), 't2', 'b')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await telegram.send(say(to('2'), 'done'))).toMatchObject({ ok: true })
    expect(drafts()).toHaveLength(1)
  })

  test('typing at most every four seconds', async () => {
    const { bot, channel } = await createLab()
    const telegram = channel()
    bot.person('1')
    for (let n = 0; n < 5; n += 1) telegram.typing?.(to('1'))
    await bot.until(() => bot.state.actions.length === 1)
    await telegram.send(say(to('1'), 'x'))
    expect(bot.state.actions).toHaveLength(1)
  })

  test('a 429 on typing ends it for its time in that chat, and holds up no reply', async () => {
    const { fake, bot, channel } = await createLab()
    vi.useFakeTimers({ toFake: ['performance'] })
    const telegram = channel()
    bot.person('1')
    const there = to('-5', { kind: 'group' })
    bot.group('-5')
    const typing = () => bot.state.calls.filter(({ method }) => method === 'sendChatAction')
    const showAfter = async (ms: number): Promise<void> => {
      vi.advanceTimersByTime(ms)
      telegram.typing?.(there)
      await new Promise((resolve) => setTimeout(resolve, 700))
    }
    fake.faults.add('sendChatAction', {
      kind: 'says',
      code: 429,
      body: '{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":30}}',
    })
    await showAfter(0)
    await showAfter(29_000)
    expect(typing()).toHaveLength(1)
    expect(await telegram.send(say(to('1'), 'x'))).toMatchObject({ ok: true })
    await showAfter(5000)
    expect(typing()).toHaveLength(2)
  })

  test('a pressed button is acknowledged, also when the first try fails', async () => {
    const { fake, bot, channel } = await createLab()
    const telegram = channel()
    const person = bot.person('1')
    await telegram.send({ ...say(to('1'), 'ok?'), buttons: [[{ label: 'Yes', action: 'yes' }]] })
    const id = person.presses('Yes')
    fake.faults.add('answerCallbackQuery', { kind: 'status', code: 500 })
    telegram.accepted?.({ extra: { callbackId: id } } as unknown as Incoming)
    await bot.until(() => bot.callback(id).answers === 1)
  })
})

const oldWebhook = () => ({
  url: 'https://old.example/',
  secret: '',
  maxConnections: 1,
  lastErrorDate: undefined,
  lastErrorMessage: undefined,
})

describe('told to wait', () => {
  const floodOf = (seconds: number): Fault => ({
    kind: 'says',
    code: 429,
    body: `{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":${seconds}}}`,
  })
  const press = (telegram: TelegramChannel, callbackId: string) =>
    telegram.accepted?.({ extra: { callbackId } } as unknown as Incoming)
  const callsOf = ({ bot }: Lab, method: string) => bot.state.calls.filter((call) => call.method === method)

  test('an acknowledgement is given up where it would be too late', async () => {
    const lab = await createLab()
    lab.fake.faults.add('answerCallbackQuery', floodOf(30))
    press(lab.channel(), '1')
    const given = () => lab.logged().filter((line) => line.includes('button press was not acknowledged'))
    await expect.poll(given, { timeout: 3000 }).toHaveLength(1)
    expect(callsOf(lab, 'answerCallbackQuery')).toHaveLength(1)
  })

  test('an acknowledgement waits as the replies do', async () => {
    const lab = await createLab()
    const telegram = lab.channel()
    const person = lab.bot.person('1')
    await telegram.send({ ...say(to('1'), 'ok?'), buttons: [[{ label: 'Yes', action: 'yes' }]] })
    const id = person.presses('Yes')
    lab.fake.faults.add('sendMessage', { kind: 'flood', seconds: 1 })
    await telegram.send(say(to('1'), 'x'))
    const told = performance.now()
    press(telegram, id)
    await lab.bot.until(() => lab.bot.callback(id).answers === 1)
    const [answered] = callsOf(lab, 'answerCallbackQuery')
    expect((answered?.at ?? 0) - told).toBeGreaterThan(900)
  })

  const webhook = { webhookUrl: 'http://127.0.0.1:1/webhook', webhookSecret: 'fake-secret-of-tests-' }
  test.each([
    ['looking after the webhook', 'getWebhookInfo', webhook],
    ['registering it', 'setWebhook', webhook],
    ['removing it', 'deleteWebhook', {}],
  ])('%s waits as long', async (_, method, config) => {
    const lab = await createLab()
    if (method === 'deleteWebhook') lab.bot.state.webhook = oldWebhook()
    lab.fake.faults.add(method, floodOf(61))
    await lab.channel(config).start?.(async () => {})
    await expect.poll(() => callsOf(lab, method).length).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 1300))
    expect(callsOf(lab, method)).toHaveLength(1)
  })
})

describe('polling', () => {
  test('a group tells itself that it became a supergroup', async () => {
    const { bot, channel } = await createLab()
    const telegram = channel()
    await telegram.start?.(async () => {})
    bot.upgrade(bot.group('-5', { kind: 'group' }), '-1005')
    await bot.until(() => bot.state.updates.size === 0)
    expect(await telegram.send(say(to('-5', { kind: 'group' }), 'one'))).toMatchObject({ ok: true })
    expect(
      bot.state.calls.flatMap(({ method, args }) => (method === 'sendMessage' ? [args['chat_id']] : [])),
    ).toEqual(['-1005'])
  })

  test('updates are stored before the offset moves on', async () => {
    const { bot, channel } = await createLab()
    const telegram = channel()
    const accepted: Incoming[] = []
    let down = true
    await telegram.start?.(async (incoming) => {
      if (down) {
        down = false
        throw new Error('database away')
      }
      accepted.push(...incoming)
    })
    bot.person('1').writes('one')
    bot.person('2').writes('two')
    await bot.until(() => bot.state.updates.size === 0)
    expect(accepted.map(({ text }) => text)).toEqual(['one', 'two'])
    expect(telegram.status()).toEqual({ state: 'up', detail: 'polling' })
    expect(bot.state.commands.get('default/')).toEqual([{ command: 'help', description: 'What I can do' }])
  })

  test('an answer that holds no updates is waited out', async () => {
    const misshapen = async (result: string): Promise<void> => {
      const { fake, bot, channel } = await createLab()
      const telegram = channel()
      fake.faults.add('getUpdates', { kind: 'says', code: 200, body: `{"ok":true,"result":${result}}` })
      bot.person('1').writes('still there?')
      const accepted: string[] = []
      await telegram.start?.(async (incoming) => void accepted.push(...incoming.map(({ text }) => text)))
      await expect.poll(() => telegram.status().state, { interval: 5, timeout: 5000 }).toBe('down')
      await bot.until(() => bot.state.updates.size === 0)
      expect(accepted).toEqual(['still there?'])
      expect(telegram.status()).toEqual({ state: 'up', detail: 'polling' })
    }
    const results = [
      '{}',
      'null',
      '"x"',
      '[null]',
      '[{"message":{}}]',
      '[{"update_id":"x"}]',
      '[{"update_id":1.5}]',
    ]
    await Promise.all(results.map(misshapen))
  })

  test('of two menus in a row the newer is the last to be registered', async () => {
    const { fake, bot, channel, menus } = await createLab()
    const telegram = channel()
    fake.faults.add('setMyCommands', { kind: 'slow', ms: 200 })
    const sets = () => bot.state.calls.filter(({ method }) => method === 'setMyCommands')
    menus[0] = { language: '', commands: [{ command: 'older', description: 'x' }] }
    telegram.syncMenus()
    await expect.poll(() => sets().length, { interval: 5, timeout: 5000 }).toBe(1)
    menus[0] = { language: '', commands: [{ command: 'newer', description: 'x' }] }
    telegram.syncMenus()
    await bot.until(() => sets().filter(({ status }) => status === 200).length === 2)
    expect(bot.state.commands.get('default/')).toEqual([{ command: 'newer', description: 'x' }])
  })

  test('a registered webhook is removed first', async () => {
    const { bot, channel } = await createLab()
    bot.state.webhook = oldWebhook()
    await channel().start?.(async () => {})
    await bot.until(() => bot.state.poll !== undefined)
    expect(bot.state.webhook).toBeUndefined()
  })

  test('of two processes one polls; the other takes over when it stops', async () => {
    const { bot, channel, conflicts } = await createLab()
    const [first, second] = [channel(), channel()]
    await first.start?.(async () => {})
    await bot.until(() => bot.state.poll !== undefined)
    const seen: string[] = []
    await second.start?.(async (incoming) => void seen.push(...incoming.map(({ text }) => text)))
    await bot.until(() => bot.state.calls.filter(({ method }) => method === 'getMe').length === 2)
    await first.stop?.()
    bot.person('1').writes('who is there?')
    await bot.until(() => bot.state.updates.size === 0)
    expect(seen).toEqual(['who is there?'])
    expect([conflicts(), bot.state.conflicts]).toEqual([0, 0])
  })

  test('who lost the lease says nothing more, for another polls already', async () => {
    const { bot, channel, takeLease } = await createLab()
    const telegram = channel()
    await telegram.start?.(async () => {})
    bot.person('1').writes('one')
    await bot.until(() => bot.state.updates.size === 0 && bot.state.poll !== undefined)
    const polls = () => bot.state.calls.filter(({ method }) => method === 'getUpdates')
    const before = polls().length
    takeLease()
    await expect.poll(() => telegram.status().detail, { timeout: 10_000 }).toMatch(/^standing by/)
    expect(polls()).toHaveLength(before)
  })

  test('a foreign poller is a counted conflict and no storm', async () => {
    const { bot, channel, conflicts, fake } = await createLab()
    const telegram = channel()
    await telegram.start?.(async () => {})
    await bot.until(() => bot.state.poll !== undefined)
    const polls = () => bot.state.calls.filter(({ method }) => method === 'getUpdates').length
    const foreign = await fetch(`${fake.root}/bot${fakeToken}/getUpdates?timeout=0`)
    expect(foreign.status).toBe(200)
    await expect
      .poll(() => telegram.status())
      .toMatchObject({ state: 'down', detail: expect.stringContaining('Conflict') })
    expect([conflicts(), polls()]).toEqual([1, 3])
  })
})

describe('webhook', () => {
  const webhookUrl = 'http://127.0.0.1:1/webhook/telegram'
  const webhookSecret = 'fake-secret-for-tests'

  test('is registered when it is not, and left alone when it is', async () => {
    const { bot, channel } = await createLab()
    const sets = () => bot.state.calls.filter(({ method }) => method === 'setWebhook').length
    await channel({ webhookUrl, webhookSecret }).start?.(async () => {})
    await bot.until(() => bot.state.webhook?.secret === webhookSecret)
    expect(bot.state.webhook?.url).toBe(webhookUrl)
    const again = channel({ webhookUrl, webhookSecret })
    await again.start?.(async () => {})
    await expect.poll(() => again.status().state).toBe('up')
    expect(sets()).toBe(1)
    expect(bot.state.calls.some(({ method }) => method === 'getUpdates')).toBe(false)
  })

  test('the secret is compared whole', async () => {
    const { channel } = await createLab()
    const { webhook } = channel({ webhookUrl, webhookSecret })
    expect(webhook?.secretMatches(webhookSecret)).toBe(true)
    for (const wrong of [undefined, '', 'fake-secret-for-test', `${webhookSecret} `, 'x'.repeat(10_000)]) {
      expect(webhook?.secretMatches(wrong)).toBe(false)
    }
    expect(() => channel({ webhookUrl })).toThrow('TELEGRAM_WEBHOOK_SECRET')
  })

  test('bodies that are no updates are malformed, unknown kinds are ignored', async () => {
    const { channel } = await createLab()
    const { webhook } = channel({ webhookUrl, webhookSecret })
    const receive = (body: string | Buffer) => webhook?.receive(Buffer.from(body))
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '{}',
      '{"update_id":"x"}',
      '{"update_id":1.5}',
      Buffer.from([0x7b, 0xff, 0x7d]),
    ]) {
      expect(receive(body)).toHaveProperty('malformed')
    }
    expect(receive('{"update_id":1,"made_up":{}}')).toEqual({ incoming: [], ignored: 1 })
    expect(receive('{"update_id":1,"message":{"text":7}}')).toEqual({ incoming: [], ignored: 1 })
    expect(receive('{"update_id":1,"message":{"text":"x","from":{"id":1},"chat":null}}')).toMatchObject({
      ignored: 1,
    })
  })
})
