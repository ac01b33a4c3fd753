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

/** `clock` turns the time of what is stored. */
export async function bootApp(clock: Clock = systemClock): Promise<Booted> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-browser-'))
  await writeFile(join(folder, 'parley.yaml'), configuration)
  const models = await createFakeModels()
  const proxy = await startProxy()
  let app = await start(folder, models, proxy, clock)
  return {
    origin: `http://127.0.0.1:${proxy.port}`,
    models,
    proxy,
    async restart() {
      await app.stop()
      app = await start(folder, models, proxy, clock)
    },
    async close() {
      await proxy.close()
      await app.stop()
      await models.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function start(folder: string, models: FakeModels, proxy: Proxy, clock: Clock): Promise<App> {
  const { key, model } = fakeVendors.compatible
  const env = {
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: folder,
    AI_PROVIDER: 'compatible',
    AI_MODEL: model,
    COMPATIBLE_API_KEY: key,
    COMPATIBLE_BASE_URL: models.baseUrl('compatible'),
  }
  const loaded = loadConfig({ env, cwd: folder })
  if ('problems' in loaded)
    throw new Error(`The test's configuration is refused: ${JSON.stringify(loaded.problems)}`)
  const app = await createApp(loaded.config, { log: createLog('error'), clock })
  await app.start()
  proxy.target(Number(new URL(app.address).port))
  return app
}
