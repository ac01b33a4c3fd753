import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FaultPoint } from '../../src/model/fault.ts'
import { faultPoints } from '../../src/model/fault.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { fakeToken } from '../fakes/telegram/telegram.ts'
import { compiled } from '../support/compiled.ts'
import type { DatabaseKind } from '../support/stores.ts'

export type Role = 'all' | 'api' | 'worker' | 'poller'

/** One process of the application, by name and what it does. */
export interface Place {
  name: string
  role: Role
}

/** The processes of an installation: one on the embedded database, five on PostgreSQL. */
export function placesFor(kind: DatabaseKind): readonly Place[] {
  if (kind === 'sqlite') return [{ name: 'all', role: 'all' }]
  return [
    { name: 'api-1', role: 'api' },
    { name: 'api-2', role: 'api' },
    { name: 'worker-1', role: 'worker' },
    { name: 'worker-2', role: 'worker' },
    { name: 'poller', role: 'poller' },
  ]
}

/** What the command line of a process says. */
export const argumentsFor = (role: Role): readonly string[] => ['start', '--role', role]

/** Whether a process of this role sends replies. */
export const sendsReplies = (role: Role): boolean => role === 'all' || role === 'worker'

/** Whether people reach the HTTP server of this process. */
export const servesPeople = (role: Role): boolean => role === 'all' || role === 'api'

const ofInbox = faultPoints.filter((point) => point.startsWith('inbox.'))
const ofWork = faultPoints.filter((point) => !point.startsWith('inbox.'))

/** Where a process of this role can be told to die. A poller that only keeps the webhook registered passes no point. */
export const pointsOf: Record<Role, readonly FaultPoint[]> = {
  all: faultPoints,
  api: ofInbox,
  worker: ofWork,
  poller: ofInbox,
}

/** Everything outside that a process must find. */
export interface Surroundings {
  /** Folder of the configuration. */
  folder: string
  database: { path: string } | { url: string }
  redisUrl: string | undefined
  telegramRoot: string
  /** Where people and the platform reach the installation. */
  front: string
  receive: 'webhook' | 'polling'
  /** Base addresses of the models, the first one asked first. */
  models: { first: string; second: string }
}

/** How long work is reserved, and how often forgotten work is looked for; milliseconds. */
export interface Pace {
  leaseMs: number
  sweepMs: number
}

/** Of the long storms. */
export const standardPace: Pace = { leaseMs: 5000, sweepMs: 1000 }

/** How long after everything was answered a reply may still come twice: what a process held is taken up by another. */
export const echoMs = ({ leaseMs, sweepMs } = standardPace): number => leaseMs + sweepMs + 500

/** No waiting for people to type, and no send limits but Telegram's own answers. */
export async function writeConfiguration(folder: string, pace = standardPace): Promise<void> {
  await writeFile(
    join(folder, 'parley.yaml'),
    `pipeline: { lease: ${pace.leaseMs}ms, sweep: ${pace.sweepMs}ms }
telegram: { quiet_window: 5ms, rate: { per_chat: 1000, per_group_minute: 10000, overall: 10000 } }
web: { quiet_window: 5ms }
models: { timeout: 15s, tries: 2, backoff: { first: 10ms, longest: 50ms } }
limits: { spam: false, per_address: 100000000 }
`,
  )
}

/** Of a day; what is compared with it, not what stops anybody. */
export const budgetUsd = 1_000_000

export function environmentFor(around: Surroundings): Record<string, string> {
  const { database, redisUrl, front, models, folder } = around
  return {
    // Whoever enters a name space begins at its root.
    PARLEY_CONFIG: folder,
    PATH: process.env.PATH ?? '',
    PORT: '0',
    LOG_LEVEL: 'warn',
    SECRET_KEY: 'fake-secret-key-of-tests-0123456789abcdef',
    MALLOC_ARENA_MAX: '2',
    NODE_COMPILE_CACHE: compiled,
    ...('path' in database ? { DATABASE_PATH: database.path } : { DATABASE_URL: database.url }),
    DATABASE_POOL_MIN: '1',
    DATABASE_POOL_MAX: '8',
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    LLM_DAILY_BUDGET_USD: String(budgetUsd),
    RATE_LIMIT_PER_HOUR: '100000000',
    RATE_LIMIT_PER_DAY: '100000000',
    LLM_SESSION_LIMIT: '100000000',
    LLM_DAILY_LIMIT: '100000000',
    TELEGRAM_BOT_TOKEN: fakeToken,
    TELEGRAM_API_ROOT: around.telegramRoot,
    ...(around.receive === 'polling'
      ? {}
      : {
          TELEGRAM_WEBHOOK_URL: `${front}/webhook/telegram`,
          TELEGRAM_WEBHOOK_SECRET: 'fake-webhook-secret-for-tests',
        }),
    AI_PROVIDER: 'openai,compatible',
    AI_MODEL: `${fakeVendors.openai.model},${fakeVendors.compatible.model}`,
    AI_PRICE: '0.1/0.4,0.1/0.4',
    OPENAI_API_KEY: fakeVendors.openai.key,
    OPENAI_BASE_URL: models.first,
    COMPATIBLE_API_KEY: fakeVendors.compatible.key,
    COMPATIBLE_BASE_URL: models.second,
  }
}
