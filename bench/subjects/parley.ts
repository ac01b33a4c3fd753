import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../processes/child.ts'
import { type Place, secret, type Subject, token } from './subject.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
const launcher = join(import.meta.dirname, '../../bin/parley.mjs')

/** What the launcher sets (bin/prepare.mjs, bin/parley.mjs). */
const launcherEnvironment = { MALLOC_ARENA_MAX: '2' }
const launcherOptions = ['--v8-pool-size=2', '--max-semi-space-size=32', '--heap-growing-percent=50']

/** Turns under way at once: what a slow model needs, and what it is when nothing is set (src/config/schema/work.ts). */
const most = 4096
const usual = 100

/**
 * Nothing slows it down but itself: no quiet windows, none of Telegram's rates. Limits and the budget are kept as always; nobody
 * comes near them.
 */
const settings = (concurrency: number): string => `pipeline: { concurrency: ${concurrency} }
telegram: { quiet_window: 0ms, rate: { per_chat: 1000, per_group_minute: 10000, overall: 10000 } }
web: { quiet_window: 0ms }
models: { budget: { daily: 1000000 } }
limits:
  per_hour: 100000000
  per_day: 100000000
  spam: false
  model_calls: { per_session: 100000000, per_day: 100000000 }
  per_address: 100000000
  sockets_per_address: 100000000
`

const onSqlite = (concurrency: number): Subject => ({
  name: 'Parley, SQLite',
  servers: [],
  receivers: [0],
  commands: async (place) => {
    await writeFile(join(place.folder, 'parley.yaml'), settings(concurrency))
    return [start(place, 0, [], {})]
  },
})

export const parleyOnSqlite = onSqlite(most)

/** One process that receives and `workers` that answer. */
export function parleyOnPostgres(workers = 1, concurrency = most): Subject {
  const roles = ['api', ...Array.from({ length: workers }, () => 'worker')]
  return {
    name: `Parley, PostgreSQL + Redis${workers > 1 ? `, ${workers} workers` : ''}`,
    servers: ['postgres', 'redis'],
    receivers: [0],
    commands: async (place) => {
      await writeFile(join(place.folder, 'parley.yaml'), settings(concurrency))
      const env = { DATABASE_URL: place.databaseUrl, REDIS_URL: place.redisUrl }
      return roles.map((role, index) => start(place, index, ['--role', role], env))
    },
  }
}

/** With as many turns at once as when nothing is set: what an overload meets. */
export const usualParleys: Subject[] = [onSqlite(usual), parleyOnPostgres(1, usual)]

const tracer = join(import.meta.dirname, '../growth/trace-sqlite.ts')

/** Makes Parley keep the statements it prepares on the embedded database. */
export const tracingSqlite = (command: Command): Command =>
  command.args.includes(main)
    ? { ...command, args: ['--import', tracer, ...command.args], stopSignal: 'SIGTERM' }
    : command

/** The same, started as people do: by the launcher. */
export const launched = (subject: Subject): Subject => ({
  ...subject,
  commands: async (place) =>
    (await subject.commands(place)).map((command) => ({
      ...command,
      args: [launcher, ...command.args.slice(command.args.indexOf(main) + 1)],
    })),
})

/** Which of its processes are the workers. */
export const workersOf = (workers: number): number[] =>
  Array.from({ length: workers }, (_, index) => index + 1)

function start(place: Place, index: number, args: string[], env: Record<string, string>) {
  const port = String(place.ports[index])
  return {
    program: process.execPath,
    args: [...launcherOptions, main, 'start', ...args],
    env: { ...launcherEnvironment, ...environment(place, port), ...env },
  }
}

function environment({ folder, ports, telegram, model }: Place, port: string): Record<string, string> {
  return {
    PORT: port,
    LOG_LEVEL: 'warn',
    DATA_DIR: folder,
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: telegram,
    TELEGRAM_WEBHOOK_URL: `http://127.0.0.1:${ports[0]}/webhook/telegram`,
    TELEGRAM_WEBHOOK_SECRET: secret,
    AI_PROVIDER: 'compatible',
    AI_MODEL: 'fake',
    AI_PRICE: '0.1/0.4',
    COMPATIBLE_API_KEY: 'fake-key',
    COMPATIBLE_BASE_URL: `${model}/v1`,
  }
}
