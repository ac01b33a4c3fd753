import { resolve } from 'node:path'
import { buildBot } from './bot.ts'
import type { Config, DatabaseConfig, ModelConfig, TelegramConfig } from './config.ts'
import type { Settings } from './schema.ts'
import { buildRedis, roleOf } from './sharing.ts'

/** Where the server receives Telegram's webhook. */
export const webhookPath = '/webhook/telegram'

interface Parts {
  settings: Settings
  values: ReadonlyMap<string, string>
  chain: ModelConfig[]
  secretKey: string
  home: string
  cwd: string
}

/** Checked settings and secrets in the shape the application wants. */
export function buildConfig(parts: Parts): Config {
  const { settings, values, chain, secretKey, home } = parts
  const { server, web, models, delivery, pipeline } = settings
  return {
    environment: settings.environment,
    role: roleOf(values),
    home,
    server: {
      host: server.host,
      port: server.port,
      secretKey,
      bodyLimit: server.body_limit,
      trustProxy: server.trust_proxy,
    },
    log: settings.log,
    database: buildDatabase(parts),
    redis: buildRedis(settings, values),
    telegram: buildTelegram(settings.telegram, values),
    web: { origins: web.origins.map(origin), quietWindowMs: web.quiet_window },
    bot: buildBot(settings.bot, home),
    models: {
      chain,
      maxOutputTokens: models.max_output_tokens,
      timeoutMs: models.timeout,
      tries: models.tries,
      backoffMs: [models.backoff.first, models.backoff.longest],
      contextTokens: models.context_tokens,
    },
    delivery: { uncertain: delivery.uncertain, maxTries: delivery.max_tries },
    pipeline: {
      concurrency: pipeline.concurrency,
      leaseMs: pipeline.lease,
      sweepMs: pipeline.sweep,
      maxTurnTries: pipeline.max_turn_tries,
      fault: values.get('PARLEY_FAULT'),
    },
  }
}

function buildDatabase({ settings, values, cwd }: Parts): DatabaseConfig {
  const url = values.get('DATABASE_URL')
  const { path, pool } = settings.database
  if (url !== undefined) return { kind: 'postgres', url, poolMin: pool.min, poolMax: pool.max }
  return {
    kind: 'sqlite',
    path: path === undefined ? resolve(cwd, settings.data_dir, 'parley.db') : resolve(cwd, path),
  }
}

function buildTelegram(
  telegram: Settings['telegram'],
  values: ReadonlyMap<string, string>,
): TelegramConfig | undefined {
  const token = values.get('TELEGRAM_BOT_TOKEN')
  if (token === undefined) return undefined
  return {
    token,
    apiRoot: telegram.api_root,
    webhookUrl: telegram.webhook_url === undefined ? undefined : webhookAddress(telegram.webhook_url),
    webhookSecret: telegram.webhook_url === undefined ? undefined : values.get('TELEGRAM_WEBHOOK_SECRET'),
    agentGroup: telegram.agent_group,
    triggers: telegram.triggers,
    quietWindowMs: telegram.quiet_window,
    rate: {
      perChat: telegram.rate.per_chat,
      perGroupMinute: telegram.rate.per_group_minute,
      overall: telegram.rate.overall,
    },
  }
}

/** The bare address of the server means the path where webhooks of Telegram are received. */
function webhookAddress(address: string): string {
  return new URL(address).pathname === '/' ? `${address}${webhookPath}` : address
}

/** As a browser sends it: RFC 6454 §6.2. */
function origin(address: string): string {
  return new URL(address).origin
}
