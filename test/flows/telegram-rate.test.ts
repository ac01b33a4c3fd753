import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import type { Config, ProcessRole } from '../../src/config/config.ts'
import { telegramLimits } from '../fakes/telegram/limits.ts'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { type Cluster, createCluster } from '../support/cluster.ts'
import { createTelegramTown } from '../support/telegram-app.ts'

const answer = 'An answer long enough that nobody has to doubt its confidence.'
const people = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => String(from + n))

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
    const metrics = await (await fetch(`${app.address}/metrics`)).text()
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
