import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import type { Config, ProcessRole } from '../../src/config/config.ts'
import type { FakeBot } from '../fakes/telegram/bot.ts'
import { telegramLimits } from '../fakes/telegram/limits.ts'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { type Cluster, createCluster } from '../support/cluster.ts'
import { createTelegramTown, type TelegramTown } from '../support/telegram-app.ts'

const answer = 'An answer long enough that nobody has to doubt its confidence.'
const longAnswer = Array.from({ length: 1500 }, (_, n) => `w${n}`).join(' ')
const people = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => String(from + n))

const pageOf = async ({ address }: Pick<App, 'address'>): Promise<string> =>
  (await fetch(`${address}/metrics`)).text()
const sends = ({ state }: FakeBot, chatId: string) =>
  state.calls.filter(({ method, args }) => method === 'sendMessage' && args['chat_id'] === chatId)

/** From its second reply on this group has to wait for so many seconds. */
function slowDown(
  { bot, fake }: { bot: FakeBot; fake: FakeTelegram },
  chatId: string,
  seconds: number,
): void {
  let replies = 0
  fake.faults.decide((method, { chat_id: chat }) => {
    if (method !== 'sendmessage' || chat !== chatId) return undefined
    replies += 1
    return replies === 2 ? { kind: 'flood', seconds, chat: bot.group(chatId).id } : undefined
  })
}

describe('several workers', () => {
  let cluster: Cluster
  let telegram: FakeTelegram
  beforeEach(async () => {
    cluster = await createCluster()
    telegram = await createFakeTelegram({ limits: telegramLimits })
    cluster.models.always({ tokens: [answer] })
  })
  afterEach(async () => {
    await cluster.close()
    await telegram.stop()
  })

  const bot = () => telegram.bot(fakeToken)
  const calls = () => bot().state.calls.filter(({ method }) => method === 'sendMessage')
  /** Below Telegram's 30, as a busy machine holds some up on their way; two that did not share it would send 50. */
  const withRate = (config: Config): Config => ({
    ...config,
    ...(config.telegram && {
      telegram: { ...config.telegram, rate: { perChat: 1, perGroupMinute: 20, overall: 25 } },
    }),
  })
  const join = (role: ProcessRole): Promise<App> =>
    cluster.join(role, { TELEGRAM_BOT_TOKEN: fakeToken, TELEGRAM_API_ROOT: telegram.root }, withRate)
  const sentBy = async (app: App): Promise<number> => {
    const metrics = await pageOf(app)
    return Number(/^deliveries_total\{channel="telegram",outcome="sent"\} (\d+)/m.exec(metrics)?.[1] ?? 0)
  }

  test('together send no faster than Telegram allows one bot', async () => {
    const workers = [await join('worker'), await join('worker')]
    await join('poller')
    const all = people(1000, 100)
    for (const id of all) bot().person(id).writes('how fast are the two of you?')
    for (const id of all) await bot().waitForSent(id, 1, 30_000)
    await expect.poll(() => calls().filter(({ status }) => status !== 200)).toEqual([])
    expect(Math.min(...(await Promise.all(workers.map(sentBy))))).toBeGreaterThan(0)
  })

  test('a 429 that one is told holds for the other at once, and for one that starts later', async () => {
    await join('worker')
    await join('worker')
    await join('poller')
    telegram.faults.add('sendMessage', { kind: 'flood', seconds: 4 })
    bot().person('1').writes('who is told to wait?')
    await bot().until(() => calls().some(({ status }) => status === 429), 10_000)
    const told = performance.now()
    await sleep(100)
    for (const id of people(2, 10)) bot().person(id).writes('and does the other know?')
    await sleep(500)
    await join('worker')
    for (const id of people(12, 10)) bot().person(id).writes('and the new one?')
    for (const id of people(1, 21)) await bot().waitForSent(id, 1, 20_000)
    expect(calls().filter(({ at }) => at > told + 50 && at < told + 3950)).toEqual([])
    expect(bot().state.limiter.violations).toBe(0)
  })

  test('a group in slow mode is closed in all of its topics, for all of them; nobody else is', async () => {
    await join('worker')
    await join('worker')
    await join('poller')
    const chatId = '-1001'
    const group = bot().group(chatId, { forum: true, topics: { 7: 'One', 8: 'Other' } })
    slowDown({ bot: bot(), fake: telegram }, chatId, 3600)
    bot().member(group, '1').writes('@parley_bot who is slow?', { thread: 7 })
    await bot().waitForSent(chatId, 1, 10_000)
    bot().member(group, '2').writes('@parley_bot who is slower?', { thread: 7 })
    await bot().until(() => sends(bot(), chatId).length === 2, 10_000)
    await sleep(200)
    bot().member(group, '3').writes('@parley_bot and here?', { thread: 8 })
    await join('worker')
    for (const id of people(10, 20)) bot().person(id).writes('does that concern me?')
    for (const id of people(10, 20)) await bot().waitForSent(id, 1, 10_000)
    expect(sends(bot(), chatId)).toHaveLength(2)
    expect(bot().state.limiter.violations).toBe(0)
  })
})

test('a restart does not forget what Telegram told', async () => {
  const town = await createTelegramTown()
  try {
    town.modelSays(answer)
    const app = await town.start()
    const { bot, fake } = town
    const calls = () => bot.state.calls.filter(({ method }) => method === 'sendMessage')
    fake.faults.add('sendMessage', { kind: 'flood', seconds: 3 })
    bot.person('1').writes('who is told to wait?')
    await bot.until(() => calls().length === 1)
    const told = performance.now()
    await sleep(100)
    await app.restart()
    bot.person('2').writes('and after the restart?')
    await bot.waitForSent('1', 1, 10_000)
    await bot.waitForSent('2', 1, 10_000)
    expect(calls().filter(({ at }) => at > told + 50 && at < told + 2950)).toEqual([])
  } finally {
    await town.close()
  }
})

describe('a group in slow mode', () => {
  let town: TelegramTown
  beforeEach(async () => {
    town = await createTelegramTown()
    town.modelSays(longAnswer)
  })
  afterEach(() => town.close())

  test('silences nobody else, also after a restart', async () => {
    const { bot } = town
    const app = await town.start()
    slowDown({ bot, fake: town.fake }, '-1001', 3600)
    const member = bot.member(bot.group('-1001'), '1')
    member.writes('@parley_bot who is told to wait?')
    await bot.until(() => sends(bot, '-1001').length === 2)
    bot.person('2').writes('does that concern me?')
    await bot.waitForSent('2', 2, 2000)
    await app.restart()
    member.writes('@parley_bot and now?')
    bot.person('3').writes('and after the restart?')
    await bot.waitForSent('3', 2, 5000)
    await sleep(1500)
    expect(sends(bot, '-1001')).toHaveLength(2)
    expect(bot.sentTo('-1001')).toHaveLength(1)
    expect(bot.state.limiter.violations).toBe(0)
  })

  test('keeps nobody out, however much waits there', async () => {
    const { bot } = town
    const app = await town.start({ pipeline: { max_waiting: 10 } })
    slowDown({ bot, fake: town.fake }, '-1001', 3600)
    const group = bot.group('-1001')
    for (const id of people(10, 6)) bot.member(group, id).writes('@parley_bot who is told to wait?')
    const waiting = async () => /^backlog_messages\{state="queued"\} (\d+)/m.exec(await pageOf(app))?.[1]
    await expect.poll(waiting, { timeout: 5000 }).toBe('11')
    for (const id of ['2', '3', '4']) {
      // What waits is counted every half second, where somebody writes.
      await sleep(600)
      bot.person(id).writes('does that concern me?')
      await bot.waitForSent(id, 2, 5000)
    }
    expect(await pageOf(app)).not.toMatch(/^messages_refused_total.* [1-9]/m)
  })

  test('gets its replies in order once its time is over, and none before', async () => {
    const { bot } = town
    const app = await town.start()
    slowDown({ bot, fake: town.fake }, '-1001', 4)
    const member = bot.member(bot.group('-1001'), '1')
    member.writes('@parley_bot who is told to wait?')
    await bot.until(() => sends(bot, '-1001').length === 2)
    const told = performance.now()
    member.writes('@parley_bot and what comes then?')
    await app.restart()
    const sent = await bot.waitForSent('-1001', 4, 15_000)
    const texts = sent.map(({ text }) => text)
    expect([texts.slice(0, 2).join(' '), texts.slice(2).join(' ')]).toEqual([longAnswer, longAnswer])
    expect(sends(bot, '-1001').filter(({ at }) => at > told && at < told + 3900)).toEqual([])
    expect(bot.state.limiter.violations).toBe(0)
  })
})
