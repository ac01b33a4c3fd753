import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { blocksOf } from '../support/blocks.ts'
import { createTestDatabase, psqlEnvironment, type TestDatabase } from '../support/databases.ts'
import { createHome, type Process, startProcess } from '../support/process.ts'
import { changeSecret } from '../support/rotation.ts'

const said = 'An answer long enough that nobody has to doubt its confidence.'
const patience = { timeout: 30_000, interval: 50 }
const keys = { old: fakeVendors.openai.key, new: 'sk-fake-key-0003-next' }
const oldPassword = random()
const tokens = { old: fakeToken, new: `123456:${'NEXT-TOKEN-FOR-TESTS-'.padEnd(35, '1')}` }
const secretKey = random()
/** Users belong to the whole server, which other tests use too. */
const owner = `parley_${randomBytes(4).toString('hex')}`

function random(): string {
  return randomBytes(24).toString('base64url')
}

let database: TestDatabase
let models: FakeModels
let telegram: FakeTelegram
let home: ReturnType<typeof createHome>
let running: Process[] = []
let ending = false
let talking: Promise<void> = Promise.resolve()
/** Who wrote so far. */
const people: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await administer(`create role ${owner} login password '${oldPassword}'`)
  await administer(`alter schema public owner to ${owner}`)
  models = await createFakeModels()
  models.always({ tokens: [said] })
  telegram = await createFakeTelegram()
  home = createHome({
    bot: { languages: ['en'] },
    telegram: { quiet_window: '0ms', rate: { per_chat: 1000, per_group_minute: 1000, overall: 10_000 } },
    pipeline: { max_delay: '1m' },
  })
  writeFileSync(fileOf('model'), keys.old)
  writeFileSync(fileOf('token'), tokens.old)
  writeFileSync(fileOf('database'), addressOf(owner, oldPassword))
  running = [await start(), await start()]
  talking = talk()
})
afterAll(async () => {
  ending = true
  await talking
  await Promise.all(running.map((each) => each.end('SIGKILL')))
  await telegram.stop()
  await models.close()
  home.remove()
  for (const role of [`${owner}_b`, owner]) await administer(`drop owned by ${role}; drop role ${role}`)
  await database.drop()
})

const fileOf = (name: string): string => join(home.folder, name)

const start = (): Promise<Process> =>
  startProcess(home.folder, {
    LOG_LEVEL: 'info',
    ENVIRONMENT: 'staging',
    SECRET_KEY: secretKey,
    DATABASE_URL_FILE: fileOf('database'),
    TELEGRAM_BOT_TOKEN_FILE: fileOf('token'),
    TELEGRAM_API_ROOT: telegram.root,
    AI_PROVIDER: 'openai',
    AI_MODEL: fakeVendors.openai.model,
    AI_PRICE: 'free',
    OPENAI_API_KEY_FILE: fileOf('model'),
    OPENAI_BASE_URL: models.baseUrl('openai'),
  })

function addressOf(user: string, password: string): string {
  const url = new URL(database.url)
  url.username = user
  url.password = password
  return url.href
}

async function administer<Row extends pg.QueryResultRow>(
  statement: string,
  url = database.url,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(statement)).rows
  } finally {
    await client.end()
  }
}

const bot = () => telegram.bot(people.length > 0 && revoked ? tokens.new : tokens.old)
let revoked = false

/** Somebody new writes all the time. */
async function talk(): Promise<void> {
  for (let turn = 0; !ending; turn += 1) {
    const id = String(700_000 + turn)
    bot().person(id).writes('please tell me all of it, would you?')
    people.push(id)
    await sleep(40)
  }
}

/** Those who wrote until now, once they have been answered, with what they got. */
async function answered(): Promise<string[]> {
  const all = [...people]
  await expect.poll(() => all.filter((id) => bot().sentTo(id).length === 0), patience).toEqual([])
  return all.flatMap((id) =>
    bot()
      .sentTo(id)
      .map(({ text }) => text),
  )
}

const keyOf = (authorization: string | undefined): string => authorization?.replace('Bearer ', '') ?? ''
const metricsOf = async ({ address }: Process): Promise<string> => (await fetch(`${address}/metrics`)).text()

/** One of the old goes when one of the new is ready. */
async function replaceAll(): Promise<void> {
  for (const old of running) {
    const next = await start()
    expect(await old.end('SIGTERM')).toBe(0)
    running = [...running.filter((each) => each !== old), next]
  }
}

test('the key of a model is changed under load without a restart and without a failed turn', async () => {
  await answered()
  models.setKey('openai', keys.old, keys.new)
  changeSecret(fileOf('model'), keys.new)
  await expect
    .poll(() => running.filter((each) => each.output().includes('configuration reloaded')).length, patience)
    .toBe(2)
  await answered()
  const before = models.requests.length
  models.setKey('openai', keys.new)
  await sleep(1000)
  const texts = await answered()
  const used = models.requests.slice(before).map(({ headers }) => keyOf(headers.authorization))
  expect(used.length).toBeGreaterThan(10)
  expect(new Set(used)).toEqual(new Set([keys.new]))
  expect(new Set(texts)).toEqual(new Set([said]))
  for (const each of running) {
    const page = await metricsOf(each)
    expect(page).not.toMatch(
      /llm_requests_total\{[^}]*status="(?!ok)|turns_total\{outcome="(?!committed|lost)/,
    )
    expect(each.child.exitCode).toBe(null)
  }
})

/** A block of the runbook about the password of the database, as an operator types it; `and`: typed after it. */
function follow(index: number, { change = (text: string) => text, and = '', env = {} } = {}) {
  const block = blocksOf('docs/runbooks/key-rotation.md').filter(({ needs }) => needs === 'PostgreSQL')[index]
  const script = change(block?.text ?? '').replaceAll(/\bparley(?=_b\b|\b)/g, owner)
  return spawnSync('bash', ['-e', '-c', `${script}${and}`], {
    env: { PATH: process.env.PATH ?? '', ...psqlEnvironment(database.url), ...env },
    // With a socket as its input bash reads what is for shells from afar.
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  })
}
/** What it prints, where nothing may fail. */
function typed(...step: Parameters<typeof follow>): string {
  const { status, stdout, stderr } = follow(...step)
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}
const newPassword = { and: 'echo "$NEW_PASSWORD"' }

test('the password of the database is changed by a second user, one process after the other', async () => {
  const password = typed(0, newPassword).trim()
  const next = addressOf(`${owner}_b`, password)
  changeSecret(fileOf('database'), next)
  await replaceAll()
  await expect.poll(() => typed(1), patience).toMatch(new RegExp(`^${owner}_b\\|\\d+\n$`))
  typed(2)
  await expect(administer('select 1', addressOf(owner, oldPassword))).rejects.toThrow(
    /not permitted to log in/,
  )
  await administer('create table whose (id int)', next)
  const [made] = await administer<{ tableowner: string }>(
    "select tableowner from pg_tables where tablename = 'whose'",
  )
  expect(made?.tableowner).toBe(owner)
  await sleep(500)
  expect(new Set(await answered())).toEqual(new Set([said]))
})

test('the next time it is the turn of the first again, and a server that logs all it does is told no password', async () => {
  expect(follow(0)).toMatchObject({ status: 1, stderr: expect.stringContaining('_b is in use') })
  const { status, stdout, stderr } = follow(0, {
    change: (text) => text.replace('NEXT=parley_b', 'NEXT=parley'),
    env: { PGOPTIONS: '-c log_statement=all -c client_min_messages=log' },
    ...newPassword,
  })
  const password = stdout.trim()
  expect([status, password]).toEqual([0, expect.stringMatching(/^[0-9a-f]{48}$/)])
  expect(stderr).toContain('LOG:  statement: set log_statement')
  expect(stderr).not.toContain(password)
  await administer('select 1', addressOf(owner, password))
})

test('the bot token is changed: what people write meanwhile waits, and is answered once', async () => {
  telegram.revoke(tokens.old, tokens.new)
  revoked = true
  await sleep(1000)
  changeSecret(fileOf('token'), tokens.new)
  await replaceAll()
  ending = true
  await talking
  const texts = await answered()
  expect(texts).toHaveLength(people.length)
  expect(new Set(texts)).toEqual(new Set([said]))
}, 120_000)
