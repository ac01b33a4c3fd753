import { join } from 'node:path'
import { buildBot } from './bot.ts'
import type {
  BackupConfig,
  BudgetConfig,
  Config,
  DatabaseConfig,
  LimitsConfig,
  ModelConfig,
  S3Config,
  TelegramConfig,
} from './config.ts'
import { daysOf } from './kinds.ts'
import type { Settings } from './schema.ts'
import { buildRedis, roleOf } from './sharing.ts'
import { buildTraces } from './traces.ts'

/** Where the server receives Telegram's webhook. */
export const webhookPath = '/webhook/telegram'

/** The absolute path of a setting that is one, from where it was written. */
export type PathOf = (setting: 'data_dir' | 'database.path' | 'backup.folder', path: string) => string

interface Parts {
  settings: Settings
  values: ReadonlyMap<string, string>
  chain: ModelConfig[]
  secretKey: string
  home: string
  dataDir: string
  pathOf: PathOf
}

/** Checked settings and secrets in the shape the application wants. */
export function buildConfig(parts: Parts): Config {
  const { settings, values, chain, secretKey, home } = parts
  const { server, web, models, delivery, pipeline } = settings
  return {
    environment: settings.environment,
    role: roleOf(values),
    home,
    timezone: settings.timezone,
    server: {
      host: server.host,
      port: server.port,
      secretKey,
      bodyLimit: server.body_limit,
      sockets: server.sockets,
      trustProxy: server.trust_proxy,
      proxies: server.proxies,
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
      retryShare: models.retry_share,
      breaker: { failures: models.breaker.failures, restMs: models.breaker.rest },
      backoffMs: [models.backoff.first, models.backoff.longest],
      contextTokens: models.context_tokens,
      budget: buildBudget(models.budget),
    },
    limits: buildLimits(settings.limits),
    retention: {
      conversationDays: daysOf(settings.retention.conversations),
      traceDays: daysOf(settings.retention.traces),
      budgetDays: daysOf(settings.retention.budget),
    },
    alerts: { perHour: settings.alerts.per_hour },
    backup: buildBackup(parts),
    traces: buildTraces(values),
    delivery: { uncertain: delivery.uncertain, maxTries: delivery.max_tries },
    pipeline: {
      concurrency: pipeline.concurrency,
      leaseMs: pipeline.lease,
      sweepMs: pipeline.sweep,
      mostWaiting: pipeline.max_waiting,
      mostDelayMs: pipeline.max_delay,
      maxTurnTries: pipeline.max_turn_tries,
      fault: values.get('PARLEY_FAULT'),
    },
  }
}

/** In whole micro-dollars, never more than was written. */
function buildBudget({ daily, warn_at }: Settings['models']['budget']): BudgetConfig {
  const dailyMicroUsd = Math.floor(Math.round(daily * 1e9) / 1000)
  return { dailyMicroUsd, warnAtMicroUsd: Math.ceil(dailyMicroUsd * warn_at) }
}

function buildLimits({ model_calls: calls, ...limits }: Settings['limits']): LimitsConfig {
  return {
    messages: {
      perHour: limits.per_hour,
      perDay: limits.per_day,
      banAfter: limits.ban_after,
      banMs: limits.ban,
      spam: limits.spam,
    },
    calls: { perSession: calls.per_session, perDay: calls.per_day, sessionMs: calls.session_ends },
    perAddress: limits.per_address,
    socketsPerAddress: limits.sockets_per_address,
  }
}

function buildDatabase(parts: Parts): DatabaseConfig {
  const url = parts.values.get('DATABASE_URL')
  const { pool } = parts.settings.database
  return url === undefined
    ? { kind: 'sqlite', path: embeddedPath(parts) }
    : { kind: 'postgres', url, poolMin: pool.min, poolMax: pool.max }
}

/** Where the embedded database is, or would be. */
export function embeddedPath({
  settings,
  dataDir,
  pathOf,
}: Pick<Parts, 'settings' | 'dataDir' | 'pathOf'>): string {
  const { path } = settings.database
  return path === undefined ? join(dataDir, 'parley.db') : pathOf('database.path', path)
}

function buildBackup({ settings: { backup }, values, dataDir, pathOf }: Parts): BackupConfig {
  const { folder } = backup
  return {
    folder: folder === undefined ? join(dataDir, 'backups') : pathOf('backup.folder', folder),
    s3: buildS3(backup.s3, values),
    keep: backup.keep,
    dailyAt: backup.daily_at,
    passphrase: values.get('BACKUP_PASSPHRASE'),
  }
}

function buildS3(
  { bucket, region, endpoint, prefix = '' }: Settings['backup']['s3'],
  values: ReadonlyMap<string, string>,
): S3Config | undefined {
  if (bucket === undefined) return undefined
  return {
    endpoint: endpoint ?? `https://s3.${region}.amazonaws.com`,
    region,
    bucket,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    keyId: values.get('AWS_ACCESS_KEY_ID') ?? '',
    secret: values.get('AWS_SECRET_ACCESS_KEY') ?? '',
    sessionToken: values.get('AWS_SESSION_TOKEN'),
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
