import type { AddressInfo } from 'node:net'
import { createFakeBot, type FakeBot } from './bot.ts'
import type { Delivery } from './delivery.ts'
import { createFaults, type Faults } from './faults.ts'
import { type Limits, noLimits } from './limits.ts'
import { createBotApiServer } from './server.ts'

/** A token of the right shape that is obviously nobody's. */
export const fakeToken = `123456:${'FAKE-TOKEN-FOR-TESTS-'.padEnd(35, '0')}`

export interface FakeTelegram {
  /** What `TELEGRAM_API_ROOT` is set to. */
  readonly root: string
  readonly faults: Faults
  bot(token: string): FakeBot
  /** The bot has another token from now on, as BotFather gives one; the old one is refused. */
  revoke(token: string, next: string): void
  stop(): Promise<void>
}

export interface FakeTelegramOptions {
  /** One bot each. */
  tokens?: string[]
  username?: string
  limits?: Limits
  /** Refuse webhooks that are not HTTPS on one of Telegram's ports. */
  secureWebhooks?: boolean
  /** First wait before a webhook is called again, in milliseconds. */
  webhookRetryMs?: number
  webhookTimeoutMs?: number
  /** Methods it pretends not to know. */
  unknownMethods?: string[]
  record?: boolean
  /** By which its limits count; milliseconds. */
  now?: () => number
  port?: number
}

/** A strict Bot API server on loopback, its bots known by token. */
export async function createFakeTelegram(options: FakeTelegramOptions = {}): Promise<FakeTelegram> {
  const bots = new Map<string, FakeBot>()
  const deliveries: Delivery[] = []
  for (const token of options.tokens ?? [fakeToken]) {
    const { bot, delivery } = createFakeBot({
      token,
      username: options.username ?? 'parley_bot',
      limits: options.limits ?? noLimits,
      now: options.now ?? (() => performance.now()),
      delivery: { retryMs: options.webhookRetryMs ?? 1000, timeoutMs: options.webhookTimeoutMs ?? 60_000 },
    })
    bots.set(token, bot)
    deliveries.push(delivery)
  }
  const faults = createFaults()
  const server = createBotApiServer({
    botOf: (token) => bots.get(token)?.state,
    faults,
    secureWebhooks: options.secureWebhooks ?? false,
    unknown: new Set(options.unknownMethods?.map((name) => name.toLowerCase())),
    record: options.record ?? true,
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    root: `http://127.0.0.1:${port}`,
    faults,
    bot(token) {
      const bot = bots.get(token)
      if (!bot) throw new Error('no bot with this token')
      return bot
    },
    revoke(token, next) {
      const bot = bots.get(token)
      if (!bot) throw new Error('no bot with this token')
      bots.delete(token)
      bots.set(next, bot)
      // What is being held is answered.
      bot.state.poll?.respond()
    },
    async stop() {
      server.closeAllConnections()
      await Promise.all([
        new Promise((resolve) => server.close(resolve)),
        ...deliveries.map((delivery) => delivery.stop()),
      ])
    },
  }
}
