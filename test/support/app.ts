import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type Clock, systemClock } from '../../src/model/time.ts'
import { type Log, silentLog } from '../../src/ops/log.ts'

export interface TestApp {
  app: App
  config: Config
  /** Reads the configuration again with other names in the environment. */
  configWith(env: Record<string, string>): Config
  close(): Promise<void>
}

/** The application on an embedded database of its own, on a free port. */
export async function bootApp(options: {
  settings?: object
  env?: Record<string, string>
  log?: Log
  clock?: Clock
}): Promise<TestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-app-'))
  await writeFile(
    join(folder, 'parley.yaml'),
    JSON.stringify({ bot: { languages: ['en', 'ru'] }, ...options.settings }),
  )
  const configWith = (env: Record<string, string>): Config => {
    const loaded = loadConfig({ env: { PORT: '0', ...options.env, ...env }, cwd: folder })
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
    return loaded.config
  }
  const config = configWith({})
  const { log = silentLog, clock = systemClock } = options
  const app = await createApp(config, { log, clock })
  await app.start()
  return {
    app,
    config,
    configWith,
    async close() {
      await app.stop()
      await rm(folder, { recursive: true })
    },
  }
}
