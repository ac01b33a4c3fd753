import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { type Cluster, createCluster } from '../support/cluster.ts'
import { freePort } from '../support/servers/server.ts'

/** Telegram with its parts in processes of different roles. */
let cluster: Cluster
let telegram: FakeTelegram
beforeEach(async () => {
  cluster = await createCluster()
  telegram = await createFakeTelegram({ webhookRetryMs: 20 })
  cluster.models.always({ tokens: ['An answer long enough that nobody has to doubt its confidence.'] })
})
afterEach(async () => {
  await cluster.close()
  await telegram.stop()
})

const bot = () => telegram.bot(fakeToken)
const getJson = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>
const calls = (method: string) => bot().state.calls.filter((call) => call.method === method).length
const environment = () => ({ TELEGRAM_BOT_TOKEN: fakeToken, TELEGRAM_API_ROOT: telegram.root })

test('one poller fetches, a worker answers; the other poller takes over', async () => {
  const env = environment()
  await cluster.join('api', env)
  await cluster.join('worker', env)
  await bot().until(() => calls('getMe') === 2)
  await sleep(200)
  expect(calls('getUpdates') + calls('setMyCommands')).toBe(0)
  const first = await cluster.join('poller', env)
  await bot().until(() => bot().state.poll !== undefined)
  await cluster.join('poller', env)
  bot().person('1').writes('who answers while there are two?')
  await bot().waitForSent('1', 1)
  expect(bot().state.conflicts).toBe(0)
  await cluster.leave(first)
  bot().person('2').writes('and who answers when there is one?')
  await bot().waitForSent('2', 1, 15_000)
  expect(bot().sentTo('1')).toHaveLength(1)
})

test('without a poller the others say that nobody fetches, until one does', {
  timeout: 120_000,
}, async () => {
  const env = environment()
  const api = await cluster.join('api', env)
  const worker = await cluster.join('worker', env)
  await bot().until(() => calls('getMe') === 2)
  const status = async () => (await getJson(`${api.address}/api/status`))['channels']
  expect(await status()).toContainEqual(expect.objectContaining({ name: 'telegram', state: 'starting' }))
  const detail = expect.stringMatching(/^no process fetches [^]* --role poller/)
  for (const { address } of [api, worker]) {
    await expect
      .poll(() => getJson(`${address}/health`), { timeout: 60_000, interval: 500 })
      .toMatchObject({ status: 'degraded', checks: { telegram: { status: 'down', detail } } })
    expect((await fetch(`${address}/readyz`)).status).toBe(200)
    expect(await (await fetch(`${address}/metrics`)).text()).toContain('channel_up{channel="telegram"} 0')
  }
  expect(await status()).toContainEqual(expect.objectContaining({ state: 'down', fault: 'unfetched' }))
  await cluster.join('poller', env)
  for (const { address } of [api, worker]) {
    await expect
      .poll(() => getJson(`${address}/health`), { timeout: 20_000, interval: 200 })
      .toMatchObject({ status: 'ok', checks: { telegram: { detail: 'another process receives' } } })
  }
})

test('a poller keeps the webhook registered, an api takes its calls, a worker answers', async () => {
  const port = String(await freePort())
  const env = {
    ...environment(),
    TELEGRAM_WEBHOOK_URL: `http://127.0.0.1:${port}/webhook/telegram`,
    TELEGRAM_WEBHOOK_SECRET: 'fake-webhook-secret-of-tests',
  }
  const api = await cluster.join('api', { ...env, PORT: port })
  const worker = await cluster.join('worker', env)
  await bot().until(() => calls('getMe') === 2)
  expect(calls('setWebhook')).toBe(0)
  const poller = await cluster.join('poller', env)
  await bot().until(() => calls('setWebhook') === 1)
  bot().person('1').writes('who is there?')
  await bot().waitForSent('1', 1)
  for (const { address } of [api, worker, poller]) {
    // A probe may find a busy machine.
    await expect
      .poll(() => getJson(`${address}/health`), { timeout: 15_000 })
      .toMatchObject({ status: 'ok', checks: { telegram: { status: 'up' } } })
  }
  expect((await fetch(`${poller.address}/webhook/telegram`, { method: 'POST' })).status).toBe(404)
  expect(calls('getUpdates')).toBe(0)
})
