import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFakeModels, type FakeModels } from '../../../test/fakes/model/server.ts'
import { fakeVendors } from '../../../test/fakes/model/vendors.ts'
import { createTestStore, type TestStore } from '../../../test/support/stores.ts'
import type { Config } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { dayOf } from '../../model/calendar.ts'
import { checkModels } from './models.ts'
import { withPurse } from './purse.ts'

let fake: FakeModels
let place: TestStore
let config: Config
beforeAll(async () => {
  ;[fake, place] = await Promise.all([createFakeModels(), createTestStore('sqlite')])
  const env = {
    PARLEY_CONFIG: 'examples/agency/parley.yaml',
    AI_PROVIDER: 'openai',
    AI_MODEL: fakeVendors.openai.model,
    AI_PRICE: '10/10/10',
    OPENAI_API_KEY: fakeVendors.openai.key,
    OPENAI_BASE_URL: fake.baseUrl('openai'),
    DATABASE_PATH: place.options.kind === 'sqlite' ? place.options.path : '',
  }
  const loaded = loadConfig({ env, cwd: process.cwd() })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  config = loaded.config
})
afterAll(async () => {
  await Promise.all([fake.close(), place.drop()])
})

/** What is found with so many micro-dollars a day, and how often a model was asked. */
async function ask(dailyMicroUsd: number, database: Config['database'] = config.database) {
  const before = fake.requests.length
  const models = { ...config.models, budget: { dailyMicroUsd, warnAtMicroUsd: dailyMicroUsd } }
  const [item] = await withPurse({ ...config, database, models }, '', (payment) =>
    checkModels(models, { payment }),
  )
  return { item, asked: fake.requests.length - before }
}

test('the question to a model is a call of the day, and is not asked when that has no money left', async () => {
  expect(await ask(100_000)).toMatchObject({ item: { status: 'ok' }, asked: 1 })
  const day = await place.store.read.budget.day(dayOf(Date.now(), config.timezone))
  expect(day).toMatchObject({ calls: 1, reservedMicroUsd: 0 })
  expect(day?.spentMicroUsd).toBeGreaterThan(0)
  expect(await ask(day?.spentMicroUsd ?? 0)).toMatchObject({
    item: {
      status: 'skip',
      found: expect.stringMatching(/not asked: the budget of today does not cover it$/),
    },
    asked: 0,
  })
})

test('it tells and marks nothing when it does not fit: what people ask may', async () => {
  const today = dayOf(Date.now(), config.timezone)
  const before = await place.store.read.budget.day(today)
  await ask((before?.spentMicroUsd ?? 0) + 1)
  expect(await place.store.read.budget.day(today)).toEqual(before)
})

test('what costs is not asked while the database is away', async () => {
  const away = { kind: 'postgres' as const, url: 'postgres://127.0.0.1:9/x', poolMin: 0, poolMax: 1 }
  expect(await ask(100_000, away)).toMatchObject({
    item: { status: 'skip', found: expect.stringMatching(/not asked: its cost cannot be recorded$/) },
    asked: 0,
  })
})

test('where no database is yet, it is asked all the same', async () => {
  const nowhere = {
    ...config.database,
    path: `${place.options.kind === 'sqlite' ? place.options.path : ''}-not`,
  }
  expect(await ask(100_000, nowhere)).toMatchObject({ item: { status: 'ok' }, asked: 1 })
})
