import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type Clock, systemClock } from '../../src/model/time.ts'
import { makeFolder } from '../../src/ops/folder.ts'
import { type Log, silentLog } from '../../src/ops/log.ts'

export interface TestApp {
  /** The application that runs now. */
  readonly app: App
  config: Config
  /** Reads the configuration again with other names in the environment. */
  configWith(env: Record<string, string>): Config
  /** Stops the application and starts another on the same folder and database. */
  restart(): Promise<void>
  /** Stops the application; once, however often it is asked to. */
  stop(): Promise<void>
  /** Stops it and removes its folder. */
  close(): Promise<void>
}

export interface BootOptions {
  /** What is in parley.yaml, as text or as sections over a bot of both languages. */
  settings?: object | string
  /** Without parley.yaml, as a fresh installation: the example. */
  example?: boolean
  env?: Record<string, string>
  log?: Log
  /** Turns the time of what is stored. */
  clock?: Clock
  /** Keeps the limits of the configuration; else nobody comes near one. */
  limited?: boolean
}

/** The application on an embedded database of its own, on a free port, unless `env` says otherwise. */
export async function bootApp(options: BootOptions = {}): Promise<TestApp> {
  const { settings = {}, example = false, log = silentLog, clock = systemClock } = options
  const folder = await mkdtemp(join(tmpdir(), 'parley-app-'))
  if (!example) await writeFile(join(folder, 'parley.yaml'), textOf(settings))
  const configWith = (env: Record<string, string>): Config => {
    const loaded = loadConfig({ env: { PORT: '0', ...options.env, ...env }, cwd: folder, makeFolder })
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
    return options.limited ? loaded.config : { ...loaded.config, limits: noLimits }
  }
  const config = configWith({})
  const start = async (): Promise<App> => {
    const app = await createApp(config, { log, clock })
    await app.start()
    return app
  }
  let app = await start()
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => (stopped ??= app.stop())
  return {
    get app() {
      return app
    },
    config,
    configWith,
    async restart() {
      await stop()
      app = await start()
      stopped = undefined
    },
    stop,
    async close() {
      await stop()
      await rm(folder, { recursive: true })
    },
  }
}

const noLimits: Config['limits'] = {
  messages: { perHour: 1e8, perDay: 1e8, banAfter: 1e8, banMs: 3_600_000, spam: false },
  calls: { perSession: 1e8, perDay: 1e8, sessionMs: 3_600_000 },
  perAddress: 1e8,
  socketsPerAddress: 1e8,
}

const textOf = (settings: object | string): string =>
  typeof settings === 'string' ? settings : JSON.stringify({ bot: { languages: ['en', 'ru'] }, ...settings })
