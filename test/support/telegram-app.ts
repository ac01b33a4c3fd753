import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createLog } from '../../src/ops/log.ts'
import type { FakeBot } from '../fakes/telegram/bot.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import {
  createFakeTelegram,
  type FakeTelegram,
  type FakeTelegramOptions,
  fakeToken,
} from '../fakes/telegram/telegram.ts'

/** A whole town: the fake Telegram, a fake model, and any number of booted applications. */
export interface TelegramTown {
  fake: FakeTelegram
  bot: FakeBot
  models: FakeModels
  /** What the model answers from now on. */
  modelSays(text: string): void
  /** Everything logged so far. */
  logged(): string
  start(options?: StartOptions): Promise<RunningApp>
  close(): Promise<void>
}

export interface StartOptions {
  /** Receive by webhook; else by polling. */
  webhook?: boolean
  databaseUrl?: string
  /** More of these sections of parley.yaml. */
  bot?: Record<string, unknown>
  telegram?: Record<string, unknown>
  models?: Record<string, unknown>
  /** Of the model, as AI_PRICE has it. */
  price?: string
}

export interface RunningApp {
  app: App
  address: string
  /** Calls the webhook as Telegram would; `secret` as given, the right one when left out. */
  post(body: string | Buffer, secret?: string | null): Promise<Response>
  stop(): Promise<void>
}

export const webhookSecret = 'fake-webhook-secret-of-tests'

export async function createTelegramTown(options: FakeTelegramOptions = {}): Promise<TelegramTown> {
  const fake = await createFakeTelegram({ webhookRetryMs: 20, ...options })
  const models = await createFakeModels()
  const folders: string[] = []
  const running = new Set<RunningApp>()
  let log = ''

  async function start(given: StartOptions = {}): Promise<RunningApp> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-telegram-'))
    folders.push(folder)
    const port = await freePort()
    await writeFile(join(folder, 'parley.yaml'), JSON.stringify(configurationOf(given)))
    const env = environment({ fake, models, port, given })
    const loaded = loadConfig({ env, cwd: folder })
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
    const app = await createApp(loaded.config, { log: createLog('debug', (line) => (log += line)) })
    await app.start()
    const address = `http://127.0.0.1:${port}`
    let stopped: Promise<void> | undefined
    const entry: RunningApp = {
      app,
      address,
      post: (body, secret = webhookSecret) => post(address, body, secret),
      stop: () => (stopped ??= app.stop()),
    }
    running.add(entry)
    return entry
  }

  return {
    fake,
    bot: fake.bot(fakeToken),
    models,
    modelSays: (text) => models.always({ tokens: text.match(/[^]{1,4000}/g) ?? [] }),
    logged: () => log,
    start,
    async close() {
      for (const entry of running) await entry.stop()
      await fake.stop()
      await models.close()
      for (const folder of folders) await rm(folder, { recursive: true })
    },
  }
}

/** No waiting for people to type, and no send limits but Telegram's own answers. */
function configurationOf({ bot, telegram, models }: StartOptions): object {
  const rate = { per_chat: 1000, per_group_minute: 10_000, overall: 10_000 }
  return {
    bot: { name: 'Parley', languages: ['en'], ...bot },
    telegram: { quiet_window: '0ms', rate, ...telegram },
    models: { ...models },
  }
}

function environment(about: { fake: FakeTelegram; models: FakeModels; port: number; given: StartOptions }) {
  const { fake, models, port, given } = about
  return {
    PORT: String(port),
    SECRET_KEY: 'fake-secret-key-of-tests-0123456789abcdef',
    TELEGRAM_BOT_TOKEN: fakeToken,
    TELEGRAM_API_ROOT: fake.root,
    AI_PROVIDER: 'openai',
    AI_MODEL: fakeVendors.openai.model,
    AI_PRICE: given.price ?? '0.1/0.4',
    OPENAI_API_KEY: fakeVendors.openai.key,
    OPENAI_BASE_URL: models.baseUrl('openai'),
    ...(given.databaseUrl === undefined ? {} : { DATABASE_URL: given.databaseUrl }),
    ...(given.webhook
      ? {
          TELEGRAM_WEBHOOK_URL: `http://127.0.0.1:${port}/webhook/telegram`,
          TELEGRAM_WEBHOOK_SECRET: webhookSecret,
        }
      : {}),
  }
}

function post(address: string, body: string | Buffer, secret: string | null): Promise<Response> {
  return fetch(`${address}/webhook/telegram`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      ...(secret === null ? {} : { 'x-telegram-bot-api-secret-token': secret }),
    },
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
