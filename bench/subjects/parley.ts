import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../processes/child.ts'
import { type Place, secret, type Subject, token } from './subject.ts'

/** `true` as soon as `parley start` knows `--role`. */
const hasRoles = false

const main = join(import.meta.dirname, '../../src/main.ts')
const launcher = join(import.meta.dirname, '../../bin/parley.mjs')

/** What the launcher sets (bin/prepare.mjs). */
const launcherEnvironment = { MALLOC_ARENA_MAX: '2' }

/** Nothing slows it down but itself: no quiet windows, none of Telegram's rates, more than the usual work at once. */
const settings = `pipeline: { concurrency: 512 }
telegram: { quiet_window: 0ms, rate: { per_chat: 1000, per_group_minute: 10000, overall: 10000 } }
web: { quiet_window: 0ms }
`

export const parleyOnSqlite: Subject = {
  name: 'Parley, SQLite',
  servers: [],
  receivers: [0],
  commands: async (place) => {
    await writeFile(join(place.folder, 'parley.yaml'), settings)
    return [start(place, 0, [], {})]
  },
}

/** One process that receives and `workers` that answer; without roles, `workers` that do both. */
export function parleyOnPostgres(workers = 1): Subject {
  const roles = hasRoles ? ['api', ...Array.from({ length: workers }, () => 'worker')] : []
  const processes = hasRoles ? roles : Array.from({ length: workers }, () => 'all')
  const many = workers > 1 ? `, ${workers} workers` : ''
  return {
    name: hasRoles ? `Parley, PostgreSQL + Redis${many}` : `Parley, PostgreSQL${many}`,
    servers: hasRoles ? ['postgres', 'redis'] : ['postgres'],
    receivers: hasRoles ? [0] : processes.map((_, index) => index),
    commands: async (place) => {
      await writeFile(join(place.folder, 'parley.yaml'), settings)
      const env = { DATABASE_URL: place.databaseUrl, ...(hasRoles ? { REDIS_URL: place.redisUrl } : {}) }
      return processes.map((role, index) => start(place, index, hasRoles ? ['--role', role] : [], env))
    },
  }
}

const tracer = join(import.meta.dirname, '../growth/trace-sqlite.ts')

/** Makes Parley keep the statements it prepares on the embedded database. */
export const tracingSqlite = (command: Command): Command =>
  command.args[0] === main
    ? { ...command, args: ['--import', tracer, ...command.args], stopSignal: 'SIGTERM' }
    : command

/** The same, started as people do: by the launcher. */
export const launched = (subject: Subject): Subject => ({
  ...subject,
  commands: async (place) =>
    (await subject.commands(place)).map((command) => ({
      ...command,
      args: command.args.map((argument) => (argument === main ? launcher : argument)),
    })),
})

/** Which of its processes are the workers. */
export const workersOf = (workers: number): number[] =>
  Array.from({ length: workers }, (_, index) => (hasRoles ? index + 1 : index))

function start(place: Place, index: number, args: string[], env: Record<string, string>) {
  const port = String(place.ports[index])
  return {
    program: process.execPath,
    args: [main, 'start', ...args],
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
    COMPATIBLE_API_KEY: 'fake-key',
    COMPATIBLE_BASE_URL: `${model}/v1`,
  }
}
