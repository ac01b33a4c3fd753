import type { Language, Localized } from '../model/language.ts'
import type { CallLimits, MessageLimits } from '../model/limits.ts'

export type Environment = 'development' | 'staging' | 'production'
/** What of the work a process does: everything, or its part of what several share. */
export type ProcessRole = 'all' | 'api' | 'worker' | 'poller'
export type Provider = 'anthropic' | 'openai' | 'google' | 'deepseek' | 'longcat' | 'compatible'

/** The whole configuration, checked. Each part of the application gets only its own section. */
export interface Config {
  environment: Environment
  role: ProcessRole
  /** Folder of the file the configuration came from; data files are named relative to it. */
  home: string
  /** Whose days and hours count: a name of the IANA database. */
  timezone: string
  server: ServerConfig
  log: { level: 'debug' | 'info' | 'warn' | 'error' }
  database: DatabaseConfig
  /** Not set: this process works with no other. */
  redis: RedisConfig | undefined
  telegram: TelegramConfig | undefined
  web: WebConfig
  bot: BotConfig
  models: ModelsConfig
  limits: LimitsConfig
  retention: RetentionConfig
  alerts: AlertsConfig
  backup: BackupConfig
  /** Not set: turns are not traced. */
  traces: TracesConfig | undefined
  delivery: DeliveryConfig
  pipeline: PipelineConfig
}

export interface ServerConfig {
  host: string
  port: number
  /** Signs cookies; made and kept in the data folder when not set. */
  secretKey: string
  /** The largest request body, in bytes. */
  bodyLimit: number
  /** Open at once, at most. */
  sockets: number
  trustProxy: boolean
  /** How many proxies stand in front, when they are trusted. */
  proxies: number
}

export type DatabaseConfig =
  | { kind: 'sqlite'; path: string }
  | { kind: 'postgres'; url: string; poolMin: number; poolMax: number }

export interface RedisConfig {
  url: string
  /** In front of every key and channel. */
  prefix: string
}

export interface TelegramConfig {
  token: string
  apiRoot: string
  /** Set: webhook. Not set: polling. */
  webhookUrl: string | undefined
  webhookSecret: string | undefined
  /** Chat of the agents' group, where notes go. */
  agentGroup: string | undefined
  /** Words that make the bot answer in a group without being mentioned. */
  triggers: string[]
  quietWindowMs: number
  /** Sends a second: to one chat, to one group a minute, to all chats. */
  rate: { perChat: number; perGroupMinute: number; overall: number }
}

export interface WebConfig {
  /** Origins besides the server's own that may open a socket. */
  origins: string[]
  quietWindowMs: number
}

export interface BotConfig {
  name: string
  tagline: Localized
  /** Who the bot is and how it speaks: the model's system prompt. */
  persona: string
  /** The first language is the default. */
  languages: Language[]
  welcome: { text: Localized; buttons: CommandButton[] }
  commands: BotCommand[]
  /** Path of the FAQ data file, absolute. */
  faq: string | undefined
  /** Platform ids of the administrators, as `channel:id`. */
  admins: string[]
}

export interface CommandButton {
  label: Localized
  action: string
}

/** A command an installation defines: `/services` answers with a text. */
export interface BotCommand {
  /** Without the slash. */
  command: string
  description: Localized
  text: Localized
  buttons: CommandButton[]
}

export interface ModelsConfig {
  /** In fallback order; empty without a key. */
  chain: ModelConfig[]
  maxOutputTokens: number
  /** For one answer, in milliseconds: all models, tries and waits together. */
  timeoutMs: number
  /** Tries of one answer, all models together; each model has one at least. */
  tries: number
  /** Of the calls of a provider, the part that may be tries repeated. */
  retryShare: number
  /** Failed calls in a row after which a model is left alone, and for how long. */
  breaker: { failures: number; restMs: number }
  /** First wait between tries and the longest, in milliseconds. */
  backoffMs: [first: number, longest: number]
  /** Tokens of context a prompt may have; the oldest messages are dropped. */
  contextTokens: number
  budget: BudgetConfig
}

/** Of one calendar day, in micro-dollars. */
export interface BudgetConfig {
  /** 0: no model that costs anything is asked. */
  dailyMicroUsd: number
  warnAtMicroUsd: number
}

export interface ModelConfig {
  provider: Provider
  model: string
  apiKey: string
  /** Undefined: the provider's own. */
  baseUrl: string | undefined
  price: Price
}

/** What tokens cost, in micro-dollars for a million of them. */
export interface Price {
  input: number
  /** Never more than `input`. */
  cachedInput: number
  output: number
  /** What a prompt of more than `above` tokens costs instead. */
  long?: { above: number; input: number; cachedInput: number; output: number }
}

export interface LimitsConfig {
  messages: MessageLimits
  calls: CallLimits
  /** Requests of one address in a minute. */
  perAddress: number
  /** Open at once from one address, at each process. */
  socketsPerAddress: number
}

/** Whole days of the time zone; `undefined`: for ever. */
export interface RetentionConfig {
  conversationDays: number | undefined
  traceDays: number | undefined
  budgetDays: number | undefined
}

export interface AlertsConfig {
  /** Notes to the team about the installation itself, in an hour; 0: none. */
  perHour: number
}

export interface BackupConfig {
  /** Where backups lie, absolute; unused with a bucket. */
  folder: string
  s3: S3Config | undefined
  /** How many are kept, and of how many days the last one. */
  keep: number
  /** When the server takes one each day, `03:30` in the time zone; `undefined`: only when it is told to. */
  dailyAt: string | undefined
  /** Encrypts them; `undefined`: they are readable. */
  passphrase: string | undefined
}

/** A bucket of S3 or of something that speaks like it. */
export interface S3Config {
  endpoint: string
  region: string
  bucket: string
  /** In front of every name, with its closing slash; may be empty. */
  prefix: string
  keyId: string
  secret: string
  /** Of temporary keys. */
  sessionToken: string | undefined
}

/** A collector that speaks OTLP over HTTP. */
export interface TracesConfig {
  /** Its whole address, such as `http://collector:4318/v1/traces`. */
  endpoint: string
  /** How it knows us: secrets, as a rule. */
  headers: Record<string, string>
  service: string
  /** Part of the turns that is traced, 0 to 1. */
  ratio: number
}

export interface DeliveryConfig {
  /** What to do with a reply that may have arrived: its sender died before recording it, or the answer got lost. */
  uncertain: 'resend' | 'hold'
  /** Sends of one reply before it is a dead letter. */
  maxTries: number
}

export interface PipelineConfig {
  /** Turns, and separately deliveries, worked on at once by this process. */
  concurrency: number
  /** How long a lease lives without a heartbeat, in milliseconds. */
  leaseMs: number
  /** How often forgotten work is looked for, in milliseconds. */
  sweepMs: number
  /** Messages without an answer, and replies not sent, with which no more are accepted. */
  mostWaiting: number
  /** How late this process may come to its work and still accept more, in milliseconds. */
  mostDelayMs: number
  /** Tries of one turn before its messages are set aside with an apology. */
  maxTurnTries: number
  /** Where the process kills itself, for the crash tests: `point:n`. Refused in production. */
  fault: string | undefined
}
