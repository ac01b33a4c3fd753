import type { Clock } from '../../src/model/time.ts'
import { createLog, silentLog } from '../../src/ops/log.ts'
import type { FakeBot } from '../fakes/telegram/bot.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import {
  createFakeTelegram,
  type FakeTelegram,
  type FakeTelegramOptions,
  fakeToken,
} from '../fakes/telegram/telegram.ts'
import { bootApp, type TestApp } from './app.ts'
import { freePort } from './servers/server.ts'

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
  server?: Record<string, unknown>
  models?: Record<string, unknown>
  /** Of the model, as AI_PRICE has it. */
  price?: string
  /** Without, nobody comes near a limit. */
  limits?: Record<string, unknown>
  pipeline?: Record<string, unknown>
  backup?: Record<string, unknown>
  timezone?: string
  clock?: Clock
  /** More names in the environment. */
  env?: Record<string, string>
}

export interface RunningApp extends TestApp {
  address: string
  /** Calls the webhook as Telegram would; `secret` as given, the right one when left out. */
  post(body: string | Buffer, secret?: string | null): Promise<Response>
}

export const webhookSecret = 'fake-webhook-secret-of-tests'

/** `quiet`: nothing logged is kept. */
export async function createTelegramTown({
  quiet = false,
  ...options
}: FakeTelegramOptions & { quiet?: boolean } = {}): Promise<TelegramTown> {
  const fake = await createFakeTelegram({ webhookRetryMs: 20, ...options })
  const models = await createFakeModels()
  const running = new Set<RunningApp>()
  let log = ''

  async function start(given: StartOptions = {}): Promise<RunningApp> {
    const port = await freePort()
    const booted = await bootApp({
      settings: configurationOf(given),
      env: environment({ fake, models, port, given }),
      log: quiet ? silentLog : createLog('debug', (line) => (log += line)),
      limited: given.limits !== undefined,
      ...(given.clock && { clock: given.clock }),
    })
    const address = `http://127.0.0.1:${port}`
    const entry: RunningApp = Object.assign(booted, {
      address,
      post: (body: string | Buffer, secret: string | null = webhookSecret) => post(address, body, secret),
    })
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
      for (const entry of running) await entry.close()
      await fake.stop()
      await models.close()
    },
  }
}

/** No waiting for people to type, and no send limits but Telegram's own answers. */
function configurationOf({
  bot,
  telegram,
  models,
  limits,
  pipeline,
  server,
  backup,
  timezone,
}: StartOptions): object {
  const rate = { per_chat: 1000, per_group_minute: 10_000, overall: 10_000 }
  return {
    bot: { name: 'Parley', languages: ['en'], ...bot },
    telegram: { quiet_window: '0ms', rate, ...telegram },
    models: { ...models },
    limits: { ...limits },
    // A busy machine is no reason to refuse here.
    pipeline: { max_delay: '1m', ...pipeline },
    server: { ...server },
    backup: { ...backup },
    ...(timezone !== undefined && { timezone }),
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
    ...given.env,
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
