import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { createTurnedClock } from '../support/clock.ts'
import { type Cluster, createCluster } from '../support/cluster.ts'
import { beginTalk, type Talk } from '../support/talk.ts'

/** Processes of different roles over one PostgreSQL and one Redis, as people meet them. */
let cluster: Cluster
beforeEach(async () => {
  cluster = await createCluster()
})
afterEach(() => cluster.close())

const patient = { timeout: 15_000 }
const tokens = (count: number): string[] => Array.from({ length: count }, (_, index) => `word${index} `)
const getJson = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>
const previewsOf = ({ frames }: Talk) => frames.filter((frame) => frame.type === 'preview')

/** A probe may find a busy machine: it is asked until it says so. */
const untilHealth = (app: App, status: string, checks: object = {}) =>
  expect.poll(() => getJson(`${app.address}/health`), patient).toMatchObject({ status, checks })
const untilReady = ({ address }: App) =>
  expect.poll(async () => (await fetch(`${address}/readyz`)).status, patient).toBe(200)

/** Every row came once, in order. */
function expectInOrder(page: Talk): void {
  const seqs = page.rows().map(({ seq }) => seq)
  expect(seqs).toEqual(seqs.map((_, index) => index + 1))
}

test('what a worker streams reaches the socket of an api before the row, and every row once', async () => {
  const api = await cluster.join('api')
  await cluster.join('worker')
  cluster.models.always({ tokens: tokens(20), tokenMs: 30 })
  const page = await beginTalk(api.address)
  await page.say('what is the meaning of all this?')
  await page.until(
    (frame) => frame.type === 'messages' && frame.messages.some(({ author }) => author === 'bot'),
  )
  const kinds = page.frames.map((frame) =>
    frame.type === 'messages' ? frame.messages.map(({ author }) => author).join() : frame.type,
  )
  expect(previewsOf(page).length).toBeGreaterThan(3)
  expect(kinds.indexOf('typing')).toBeLessThan(kinds.indexOf('preview'))
  expect(kinds.lastIndexOf('preview')).toBeLessThan(kinds.indexOf('bot'))
  expect(page.answers()).toMatchObject([{ text: tokens(20).join('').trim() }])
  expectInOrder(page)
})

test('two tabs at two apis are in step from the first message on', async () => {
  const [one, two] = [await cluster.join('api'), await cluster.join('api')]
  await cluster.join('worker')
  cluster.models.always({ tokens: tokens(12), tokenMs: 20 })
  const first = await beginTalk(one.address)
  const second = await beginTalk(two.address, first.who)
  await first.say('does the other tab see this?')
  await expect.poll(() => second.answers(), patient).toHaveLength(1)
  expect(previewsOf(second).length).toBeGreaterThan(0)
  await second.say('and the other way round?')
  for (const tab of [first, second]) await expect.poll(() => tab.answers(), patient).toHaveLength(2)
  expect(first.rows()).toEqual(second.rows())
  expectInOrder(first)
})

test('each role has its own doors, and tells its name', async () => {
  const [api, worker] = [await cluster.join('api'), await cluster.join('worker')]
  for (const [app, role] of [[api, 'api'] as const, [worker, 'worker'] as const]) {
    await untilHealth(app, 'ok', { database: { status: 'up' }, redis: { status: 'up' } })
    await untilReady(app)
    expect(await getJson(`${app.address}/api/version`)).toHaveProperty('version')
    const metrics = await (await fetch(`${app.address}/metrics`)).text()
    expect(metrics).toMatch(new RegExp(`parley_info\\{[^}]*role="${role}"`))
  }
  expect((await fetch(`${api.address}/chat`)).status).toBe(200)
  for (const path of ['/', '/chat', '/ws', '/api/status']) {
    expect((await fetch(`${worker.address}${path}`)).status).toBe(404)
  }
})

test('where no worker runs, who takes messages says so after a minute and goes on taking them', async () => {
  const clock = createTurnedClock(new Date(Date.now() - 120_000).toISOString())
  const api = await cluster.join('api', {}, undefined, clock)
  cluster.models.always({ tokens: tokens(12) })
  const page = await beginTalk(api.address)
  await page.say('is anybody there?')
  await untilHealth(api, 'ok', { backlog: { status: 'up' } })
  clock.passes(59_000)
  await untilHealth(api, 'ok', { backlog: { status: 'up' } })
  clock.passes(61_000)
  const detail = expect.stringMatching(/over a minute: where no worker runs, [^]* --role worker/)
  await untilHealth(api, 'degraded', { backlog: { status: 'down', detail } })
  await untilReady(api)
  const worker = await cluster.join('worker')
  await expect.poll(() => page.answers(), patient).toHaveLength(1)
  await untilHealth(api, 'ok', { backlog: { status: 'up' } })
  expect(await getJson(`${worker.address}/health`)).not.toHaveProperty('checks.backlog')
})

test('one turn without a channel is answered by another process', async () => {
  const api = await cluster.join('api')
  await cluster.join('worker')
  cluster.models.always({ tokens: tokens(12), tokenMs: 40 })
  const previews: string[] = []
  const { replies, turn } = await api.call('tell me a long story', (text) => previews.push(text))
  expect(replies).toMatchObject([{ text: tokens(12).join('').trim() }])
  expect(turn.source).toBe('assistant')
  expect(previews.length).toBeGreaterThan(1)
})

describe('Redis', () => {
  test('killed in mid-stream and restarted: the answer comes once, and health says what is missing', async () => {
    const api = await cluster.join('api')
    const worker = await cluster.join('worker')
    cluster.models.always({ tokens: tokens(60), tokenMs: 80 })
    const page = await beginTalk(api.address)
    await page.say('a long answer, please')
    await page.until(({ type }) => type === 'preview')
    cluster.redis().signal('SIGKILL')
    for (const app of [api, worker]) {
      await untilHealth(app, 'degraded', { redis: { status: 'down' } })
      expect((await fetch(`${app.address}/health`)).status).toBe(200)
      await untilReady(app)
    }
    await cluster.restartRedis()
    const before = previewsOf(page).length
    await expect.poll(() => previewsOf(page).length, patient).toBeGreaterThan(before)
    await expect.poll(() => page.answers(), patient).toHaveLength(1)
    await untilHealth(api, 'ok')
    cluster.models.always({ tokens: tokens(12) })
    await page.say('and another')
    await expect.poll(() => page.answers(), patient).toHaveLength(2)
    await sleep(3500)
    expectInOrder(page)
  })

  test('away for good: what people write is answered all the same, within seconds', async () => {
    const api = await cluster.join('api')
    await cluster.join('worker')
    cluster.models.always({ tokens: tokens(12) })
    const page = await beginTalk(api.address)
    cluster.redis().signal('SIGKILL')
    await page.say('does anybody hear me?')
    await expect.poll(() => page.answers(), patient).toHaveLength(1)
    await page.say('and now?')
    await expect.poll(() => page.answers(), patient).toHaveLength(2)
    expectInOrder(page)
  })

  test('hanging: nothing waits for it', async () => {
    const api = await cluster.join('api')
    await cluster.join('worker')
    cluster.models.always({ tokens: tokens(12) })
    const page = await beginTalk(api.address)
    cluster.redis().signal('SIGSTOP')
    const began = Date.now()
    await page.say('does anybody hear me?')
    expect(Date.now() - began).toBeLessThan(1000)
    await expect.poll(() => page.answers(), patient).toHaveLength(1)
    cluster.redis().signal('SIGCONT')
    await untilHealth(api, 'ok')
  })

  test('flushed all the time under load: everything is answered, in order, once', async () => {
    const apis = [await cluster.join('api'), await cluster.join('api')]
    await cluster.join('worker')
    await cluster.join('worker')
    cluster.models.always({ tokens: tokens(12), firstTokenMs: 20, tokenMs: 5 })
    const client = new Redis(cluster.redis().url)
    const flushing = setInterval(() => void client.flushall(), 20)
    const pages = await Promise.all(
      Array.from({ length: 10 }, (_, index) => beginTalk(apis[index % 2]?.address ?? '')),
    )
    const write = async (page: Talk, index: number): Promise<void> => {
      for (let message = 1; message <= 8; message += 1) {
        await page.say(`question ${message} of ${index}`)
        await expect.poll(() => page.answers().length, { timeout: 20_000, interval: 5 }).toBe(message)
      }
    }
    await Promise.all(pages.map(write))
    clearInterval(flushing)
    client.disconnect()
    for (const page of pages) {
      expectInOrder(page)
      expect(page.rows().map(({ author }) => author)).toEqual(
        Array.from({ length: 8 }, () => ['contact', 'bot']).flat(),
      )
    }
  })
})

describe('a worker process', () => {
  test('killed in mid-turn: another takes over, with a new attempt for all to see', async () => {
    const api = await cluster.join('api')
    const first = await cluster.spawn('worker')
    cluster.models.always({ tokens: tokens(100), tokenMs: 50 })
    const page = await beginTalk(api.address)
    await page.say('a long answer, please')
    expect(await page.until(({ type }) => type === 'preview')).toMatchObject({ attempt: 1 })
    const second = await cluster.spawn('worker')
    cluster.models.always({ tokens: tokens(14), tokenMs: 50 })
    first.signal('SIGKILL')
    expect(await first.exited).toBe('SIGKILL')
    await page.until((frame) => frame.type === 'preview' && frame.attempt === 2)
    await expect.poll(() => page.answers(), patient).toHaveLength(1)
    expect(page.answers()).toMatchObject([{ text: tokens(14).join('').trim() }])
    expectInOrder(page)
    second.signal('SIGTERM')
    expect(await second.exited).toBe(0)
  })

  test('told to end finishes what it works on; what comes then waits for another', async () => {
    const api = await cluster.join('api')
    const worker = await cluster.spawn('worker')
    cluster.models.always({ tokens: tokens(30), tokenMs: 50 })
    const page = await beginTalk(api.address)
    await page.say('finish this, please')
    await page.until(({ type }) => type === 'preview')
    worker.signal('SIGTERM')
    await expect.poll(() => page.answers(), patient).toHaveLength(1)
    expect(previewsOf(page).every((frame) => frame.type === 'preview' && frame.attempt === 1)).toBe(true)
    expect(await worker.exited).toBe(0)
    await page.say('is anybody there?')
    await cluster.spawn('worker')
    await expect.poll(() => page.answers(), patient).toHaveLength(2)
    expectInOrder(page)
  })
})
