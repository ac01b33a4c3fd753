import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { createTestDatabase, type TestDatabase } from '../support/databases.ts'
import { cookieOf, openPage, type Page } from '../support/page.ts'

let database: TestDatabase
let models: FakeModels
const running: TestApp[] = []
beforeEach(async () => {
  database = await createTestDatabase()
  models = await createFakeModels()
})
afterEach(async () => {
  // First of all, for what waits for a model would be waited for.
  await models.close()
  for (const app of running.splice(0)) await app.close()
  await database.drop()
})

/** A process on the common database; one that `isBusy` can do one thing at a time, and its model never answers. */
async function start({ isBusy }: { isBusy: boolean }): Promise<TestApp> {
  models.always({ fault: { kind: 'hang' } })
  const { key, model } = fakeVendors.compatible
  const silent = {
    AI_PROVIDER: 'compatible',
    AI_MODEL: model,
    COMPATIBLE_API_KEY: key,
    COMPATIBLE_BASE_URL: models.baseUrl('compatible'),
  }
  const pipeline = { sweep: '200ms', ...(isBusy ? { concurrency: 1 } : {}) }
  const app = await bootApp({
    settings: { web: { quiet_window: '0ms' }, pipeline, models: { tries: 1 } },
    env: { DATABASE_URL: database.url, ...(isBusy ? silent : {}) },
  })
  running.push(app)
  return app
}

/** A page of a new visitor that says something. */
async function ask(origin: string, text: string): Promise<Page> {
  const page = openPage(origin, { origin, cookie: await cookieOf(origin) })
  await page.until('hello')
  const session = randomUUID()
  page.send({ type: 'open', session, after: 0 })
  page.send({ type: 'send', session, id: randomUUID(), text })
  await page.until('accepted')
  return page
}

const authors = (page: Page): unknown[] =>
  page.frames.flatMap(({ messages = [] }) => (messages as { author: string }[]).map(({ author }) => author))

test('a page shows the answer of another process, which it cannot hear, without being asked', async () => {
  const busy = await start({ isBusy: true })
  const held = await ask(busy.app.address, 'Something only a model can answer')
  await expect.poll(() => models.requests.length, { timeout: 10_000 }).toBe(1)
  await start({ isBusy: false })
  const page = await ask(busy.app.address, 'Is anybody there?')
  await expect.poll(() => authors(page), { timeout: 20_000 }).toEqual(['contact', 'bot'])
  expect(authors(held)).toEqual(['contact'])
  for (const { socket } of [page, held]) socket.close()
})
