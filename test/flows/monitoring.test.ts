import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dashboards } from '../../deploy/monitoring/dashboards.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { createTestDatabase, type TestDatabase } from '../support/databases.ts'
import { cookieOf, openPage } from '../support/page.ts'
import { createHome, type Process, startProcess } from '../support/process.ts'
import { createTestRedis, ownPrefix } from '../support/redis.ts'
import type { TestServer } from '../support/servers/server.ts'
import { runbooksAt, startWatchers, type Watchers } from '../support/watchers.ts'

const roles = ['api', 'worker', 'poller'] as const
let database: TestDatabase
let redis: TestServer
let models: FakeModels
let telegram: FakeTelegram
let home: ReturnType<typeof createHome>
let watchers: Watchers
const processes = new Map<string, Process>()

beforeAll(async () => {
  database = await createTestDatabase()
  redis = await createTestRedis()
  models = await createFakeModels()
  telegram = await createFakeTelegram()
  models.always({ tokens: ['An answer long enough that nobody has to doubt its confidence.'] })
  home = createHome({
    bot: { languages: ['en'] },
    telegram: { quiet_window: '0ms' },
    web: { quiet_window: '0ms' },
    redis: { prefix: ownPrefix() },
    limits: {
      per_hour: 100_000,
      per_day: 100_000,
      spam: false,
      model_calls: { per_session: 10_000, per_day: 10_000 },
    },
  })
  for (const role of roles) processes.set(role, await start(role))
  watchers = await startWatchers([...processes.values()].map(({ address }) => new URL(address).host))
})
afterAll(async () => {
  await watchers.stop()
  await Promise.all([...processes.values()].map((each) => each.end('SIGKILL')))
  await models.close()
  await telegram.stop()
  home.remove()
  await redis.stop()
  await database.drop()
})

const start = (role: string, port?: number): Promise<Process> =>
  startProcess(
    home.folder,
    {
      PARLEY_ROLE: role,
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      SECRET_KEY: 'fake-secret-key-of-tests-0123456789abcdef',
      TELEGRAM_BOT_TOKEN: fakeToken,
      TELEGRAM_API_ROOT: telegram.root,
      AI_PROVIDER: 'openai',
      AI_MODEL: fakeVendors.openai.model,
      AI_PRICE: '1/4',
      OPENAI_API_KEY: fakeVendors.openai.key,
      OPENAI_BASE_URL: models.baseUrl('openai'),
    },
    port === undefined ? {} : { port },
  )

/** People on the web and on Telegram go on talking until it is enough. */
async function talk(signal: AbortSignal): Promise<void> {
  const origin = processes.get('api')?.address ?? ''
  const page = openPage(origin, { origin, cookie: await cookieOf(origin) })
  await page.until('hello')
  const bot = telegram.bot(fakeToken)
  for (let turn = 0; !signal.aborted; turn += 1) {
    const session = randomUUID()
    page.send({ type: 'open', session, after: 0 })
    const text = ['/help', 'please tell me all of it, would you?', 'I want to talk to a human'][turn % 3]
    const sent = { type: 'send', session, id: randomUUID(), text }
    page.send(sent)
    // A page that heard of no acceptance comes again; a model is away for a moment.
    if (turn % 4 === 0) page.send(sent)
    if (turn % 7 === 0) models.next({ fault: { kind: 'status', status: 503 } })
    bot.person(String(5000 + (turn % 20))).writes(text ?? '')
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  page.socket.close()
}

const queries = dashboards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) => panel.queries.map(([expr]) => ({ panel: `${title}: ${panel.title}`, expr }))),
)

/** Nobody has to fail or to be refused for want of room or money, and no backup is taken. */
const quiet = [
  'Parley: operations: Latest verified backup',
  'Parley: operations: Answered with an error',
  'Parley: operations: Refused for want of room',
  'Parley: operations: Errors within an hour',
  'Parley: money: Calls refused for want of money, an hour',
  'Parley: money: Models left alone',
]

/** What queries ask that have a number in any case (`or vector(…)`). */
const bare = queries.flatMap(({ panel, expr }) => {
  const [, asked] = /^\(?(.*?) or vector\(/.exec(expr) ?? []
  return asked === undefined ? [] : [{ panel, expr: asked }]
})

/** Panels without a finite number, as Prometheus has it now. */
async function emptyPanels(): Promise<string[]> {
  const wanted = [...queries, ...bare.filter(({ panel }) => !quiet.includes(panel))]
  const values = await Promise.all(
    wanted.map(async ({ panel, expr }) => {
      const query = expr.replaceAll('$namespace', '.*').replaceAll('$__rate_interval', '10s')
      return (await watchers.query(query)).some(Number.isFinite) ? [] : [panel]
    }),
  )
  return values.flat()
}

test('every query of the dashboards has an answer after some conversations', async () => {
  expect(queries.length).toBeGreaterThan(40)
  expect(bare.map(({ panel }) => panel)).toEqual(expect.arrayContaining(quiet))
  expect(bare.length).toBeGreaterThan(quiet.length)
  const enough = new AbortController()
  const talking = talk(enough.signal)
  await expect.poll(emptyPanels, { timeout: 30_000, interval: 1000 }).toEqual([])
  enough.abort()
  await talking
  expect(await watchers.query('sum(dependency_up)')).toEqual([6])
  expect(await watchers.query('abs(clock_seconds - timestamp(clock_seconds)) > 2')).toEqual([])
})

test('a process that is killed is told to a webhook and by mail, with what to do; and that it is back', async () => {
  const api = processes.get('api')
  if (!api) throw new Error('There is no api')
  const { host, port } = new URL(api.address)
  const posts = (status: string) =>
    watchers.posted.filter(
      ({ alert }) =>
        alert.status === status && alert.labels.alertname === 'ParleyDown' && alert.labels.instance === host,
    )
  await api.end('SIGKILL')
  await expect.poll(() => posts('firing').length, { timeout: 20_000, interval: 50 }).toBeGreaterThan(0)
  const [post] = posts('firing')
  expect(post?.authorization).toBe('Bearer token-of-the-webhook')
  expect(post?.alert.annotations).toMatchObject({
    summary: 'A process of Parley does not answer',
    description: expect.stringContaining(host),
    runbook_url: `${runbooksAt}/docs/runbooks/process-down.md`,
  })
  const mails = () => watchers.mails.filter((mail) => mail.includes('Subject: [FIRING] A process of Parley'))
  await expect.poll(() => mails().join(), { timeout: 20_000, interval: 50 }).toContain(host)
  processes.set('api', await start('api', Number(port)))
  await expect.poll(() => posts('resolved').length, { timeout: 20_000, interval: 50 }).toBeGreaterThan(0)
})
