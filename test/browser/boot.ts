import type { Clock } from '../../src/model/time.ts'
import { createLog } from '../../src/ops/log.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { bootApp as boot } from '../support/app.ts'
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

export async function bootApp({ model = true, ...options }: BootOptions = {}): Promise<Booted> {
  const models = await createFakeModels()
  const proxy = await startProxy()
  const env = model ? modelSettings(models) : {}
  const running = await boot({ settings: configuration, env, log: createLog('error'), ...options })
  const follow = (): void => proxy.target(Number(new URL(running.app.address).port))
  follow()
  return {
    origin: `http://127.0.0.1:${proxy.port}`,
    models,
    proxy,
    async restart() {
      await running.restart()
      follow()
    },
    async close() {
      await proxy.close()
      await running.close()
      await models.close()
    },
  }
}

function modelSettings(models: FakeModels) {
  const { key, model } = fakeVendors.compatible
  return {
    AI_PROVIDER: 'compatible',
    AI_MODEL: model,
    COMPATIBLE_API_KEY: key,
    COMPATIBLE_BASE_URL: models.baseUrl('compatible'),
  }
}
