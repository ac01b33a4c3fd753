import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type Clock, systemClock } from '../../src/model/time.ts'
import { createLog } from '../../src/ops/log.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { configuration } from './configuration.ts'
import { type Proxy, startProxy } from './proxy.ts'

/** The whole application on a database of its own, behind a proxy that can cut it off, with a fake model. */
export interface Booted {
  origin: string
  models: FakeModels
  proxy: Proxy
  /** Stops the process's application and starts it anew on the same database and address. */
  restart(): Promise<void>
  close(): Promise<void>
}

export interface BootOptions {
  /** Turns the time of what is stored. */
  clock?: Clock
  /** The example that a fresh installation runs, instead of the bot of these tests. */
  example?: boolean
  /** Without: as on a machine with no key. */
  model?: boolean
}

export async function bootApp(options: BootOptions = {}): Promise<Booted> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-browser-'))
  if (!options.example) await writeFile(join(folder, 'parley.yaml'), configuration)
  const models = await createFakeModels()
  const proxy = await startProxy()
  let app = await start(folder, models, proxy, options)
  return {
    origin: `http://127.0.0.1:${proxy.port}`,
    models,
    proxy,
    async restart() {
      await app.stop()
      app = await start(folder, models, proxy, options)
    },
    async close() {
      await proxy.close()
      await app.stop()
      await models.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function start(
  folder: string,
  models: FakeModels,
  proxy: Proxy,
  { clock = systemClock, model = true }: BootOptions,
): Promise<App> {
  const env = {
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: folder,
    ...(model ? modelSettings(models) : {}),
  }
  const loaded = loadConfig({ env, cwd: folder })
  if ('problems' in loaded)
    throw new Error(`The test's configuration is refused: ${JSON.stringify(loaded.problems)}`)
  const app = await createApp(loaded.config, { log: createLog('error'), clock })
  await app.start()
  proxy.target(Number(new URL(app.address).port))
  return app
}

function modelSettings(models: FakeModels) {
  const { key, model } = fakeVendors.compatible
  return {
    AI_PROVIDER: 'compatible',
    AI_MODEL: model,
    AI_PRICE: '0.1/0.4',
    COMPATIBLE_API_KEY: key,
    COMPATIBLE_BASE_URL: models.baseUrl('compatible'),
  }
}
