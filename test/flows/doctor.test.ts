import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { formatName } from '../../src/backup/name.ts'
import { examine, type Examination } from '../../src/cli/doctor/examine.ts'
import type { Item } from '../../src/cli/doctor/item.ts'
import { readVersion } from '../../src/ops/version.ts'
import { createMigrations } from '../../src/store/open.ts'
import { provenFor } from '../../src/store/store.ts'
import { createDisk } from '../crash/servers/disk.ts'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { bucketSettings, createFakeS3, type FakeS3 } from '../fakes/s3/server.ts'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import { runCommand } from '../support/backup-command.ts'
import { type Authority, createAuthority, selfSigned } from '../support/certificates.ts'
import { closedSchema, nextSchema, previousSchema } from '../support/next-schema.ts'
import { freePort } from '../support/servers/server.ts'
import { startRedis, type TestRedis } from '../support/servers/redis.ts'
import { execute } from '../support/sql.ts'
import { createDatabase } from '../support/stores.ts'
import { createTlsFront, type TlsFront } from '../support/tls-front.ts'

type Environment = Record<string, string>

const hour = 3_600_000
const ownAuthorities = getCACertificates()

/** A healthy set-up in production: every server is there, and each case breaks one thing of it. */
let authority: Authority
let database: Awaited<ReturnType<typeof createDatabase>>
let redis: TestRedis
let fake: FakeTelegram
let models: FakeModels
let bucket: FakeS3
let app: TestApp
let front: TlsFront
let healthy: Environment
const undo: (() => unknown)[] = []

const secret = (): string => randomBytes(24).toString('hex')
const bot = () => fake.bot(fakeToken)

beforeAll(async () => {
  authority = createAuthority()
  setDefaultCACertificates([...ownAuthorities, authority.cert])
  database = await createDatabase('postgres')
  ;[redis, fake, models] = await Promise.all([startRedis(), createFakeTelegram(), createFakeModels()])
  bucket = await createFakeS3()
  const port = await freePort()
  front = await createTlsFront(authority.issue('localhost', 90), port)
  healthy = {
    ENVIRONMENT: 'production',
    PORT: String(port),
    TRUST_PROXY: 'true',
    SECRET_KEY: secret(),
    DATABASE_URL: 'url' in database.options ? database.options.url : '',
    REDIS_URL: redis.url,
    TELEGRAM_BOT_TOKEN: fakeToken,
    TELEGRAM_API_ROOT: fake.root,
    TELEGRAM_WEBHOOK_URL: `https://localhost:${front.port}/webhook/telegram`,
    TELEGRAM_WEBHOOK_SECRET: secret(),
    AI_PROVIDER: 'openai',
    AI_MODEL: fakeVendors.openai.model,
    AI_PRICE: '0.1/0.4',
    OPENAI_API_KEY: fakeVendors.openai.key,
    OPENAI_BASE_URL: models.baseUrl('openai'),
    ...bucketSettings(bucket),
  }
  app = await bootApp({ env: healthy })
  await bot().until(() => bot().state.webhook !== undefined, 20_000)
  await backedUp(hour)
})
afterEach(async () => {
  for (const work of undo.splice(0).toReversed()) await work()
})
afterAll(async () => {
  setDefaultCACertificates(ownAuthorities)
  authority.close()
  await app.close()
  await Promise.all([front.close(), redis.stop(), fake.stop(), models.close(), bucket.close()])
  await database.drop()
})

/** As if the latest backup had been taken and proven so long ago; its name. */
async function backedUp(agoMs: number): Promise<string> {
  const takenAt = Math.floor((Date.now() - agoMs) / 1000) * 1000
  await execute(
    database.options,
    `insert into leases (name, holder, until) values ('backup.proven', 'test', ${takenAt + provenFor})
      on conflict (name) do update set until = excluded.until`,
  )
  const name = formatName({ takenAt, installation: '3f9a1c2b', encrypted: false })
  bucket.objects.set(`bots/acme/${name}`, Buffer.from('what nobody reads'))
  return name
}

/** A folder with the configuration of a set-up, as an operator has it. */
function home(changes: Environment): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-doctor-'))
  undo.push(() => rmSync(folder, { recursive: true }))
  const lines = Object.entries({ ...healthy, ...changes }).filter(([, value]) => value !== '')
  writeFileSync(join(folder, '.env'), lines.map(([name, value]) => `${name}=${value}\n`).join(''))
  writeFileSync(join(folder, 'parley.yaml'), readFileSync(join(app.config.home, 'parley.yaml')))
  mkdirSync(join(folder, 'data'))
  return folder
}

const doctor = (changes: Environment = {}, options: Examination = {}): Promise<Item[]> =>
  examine({ config: home(changes), ...options })

const wrong = (items: Item[]): Item[] => items.filter(({ status }) => status === 'warn' || status === 'fail')

test('a healthy set-up is all green, and left as it was', async () => {
  const before = bot().state.calls.length
  const items = await doctor({}, { expect: readVersion().version })
  expect(wrong(items)).toEqual([])
  expect(items.filter(({ status }) => status === 'skip')).toEqual([])
  expect(items.map(({ name }) => name).join(', ')).toBe(
    'configuration, data folder, disk, database, schema, dead letters, backlog, retention, backup, backup place, database clock, pool, ' +
      'backup tools, redis, ' +
      'redis memory, telegram, webhook, telegram clock, port, version, running, dns, certificate, address, version, address clock, ' +
      'webhook secret, model, budget',
  )
  const methods = bot()
    .state.calls.slice(before)
    .map(({ method }) => method)
  expect(methods.toSorted()).toEqual(['getMe', 'getWebhookInfo'])
})

/** Another database, migrated as `list` says. */
async function databaseOf(list: Parameters<typeof createMigrations>[1]): Promise<Environment> {
  const other = await createDatabase('postgres')
  undo.push(other.drop)
  const migrations = await createMigrations(other.options, list)
  await migrations.up()
  await migrations.close()
  return { DATABASE_URL: 'url' in other.options ? other.options.url : '' }
}

/** The address of the database for a user without any right of its own. */
async function ordinaryUser(connections: number): Promise<string> {
  const name = `ordinary_${randomBytes(4).toString('hex')}`
  const password = secret()
  const role = `create role ${name} login password '${password}' connection limit ${connections}`
  await execute(database.options, role)
  undo.push(() => execute(database.options, `drop role ${name}`))
  return Object.assign(new URL(healthy['DATABASE_URL'] ?? ''), { username: name, password }).href
}

async function connect(url: string, count: number): Promise<void> {
  for (const client of Array.from({ length: count }, () => new pg.Client({ connectionString: url }))) {
    await client.connect()
    undo.push(() => client.end())
  }
}

/** A user of whom the server takes two connections, both of which are taken. */
async function crowdedDatabase(): Promise<Environment> {
  const url = await ordinaryUser(2)
  await connect(url, 2)
  return { DATABASE_URL: url }
}

/** The webhook as it is registered, for one case another. */
function registered(
  changes: Partial<NonNullable<ReturnType<typeof bot>['state']['webhook']>> | undefined,
): void {
  const { state } = bot()
  const { webhook } = state
  if (!webhook) throw new Error('no webhook is registered')
  const set = (value: typeof state.webhook): void => {
    state.webhook = value
    state.webhookChanged()
  }
  set(changes && { ...webhook, ...changes })
  undo.push(() => set(webhook))
}

/** Telegram calls, and is refused by the server, for it knows another secret. */
async function deliveredWithAnotherSecret(): Promise<Environment> {
  registered({ secret: 'fake-other-secret-of-tests' })
  bot().person('7').writes('is anybody there?')
  await bot().until(() => bot().state.webhook?.lastErrorMessage !== undefined, 20_000)
  undo.push(() => bot().state.updates.clear())
  return {}
}

/** The public address of the set-up with another front. */
async function behind(certificate: { key: string; cert: string }, target?: number): Promise<Environment> {
  const other = await createTlsFront(certificate, target ?? Number(healthy['PORT']))
  undo.push(other.close)
  const url = `https://localhost:${other.port}/webhook/telegram`
  registered({ url })
  return { TELEGRAM_WEBHOOK_URL: url }
}

/** Before the server, what writes down the secrets it is told. */
async function eavesdropper(): Promise<{ port: number; told: unknown[] }> {
  const told: unknown[] = []
  const server = createServer((incoming, answer) => {
    const { method = 'GET', url: path = '/', headers } = incoming
    const secret = headers['x-telegram-bot-api-secret-token']
    if (secret !== undefined) told.push(secret)
    const target = { host: '127.0.0.1', port: healthy['PORT'], method, path, headers }
    const passed = request(target, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers)
      from.pipe(answer)
    })
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undo.push(() => server.close())
  return { port: (server.address() as AddressInfo).port, told }
}

/** Ends every connection before it can be greeted, as a proxy without a certificate for a name does. */
async function closing(): Promise<Environment> {
  const server = createTcpServer((socket) => socket.once('data', () => socket.end()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undo.push(() => server.close())
  const url = `https://localhost:${(server.address() as AddressInfo).port}/webhook/telegram`
  registered({ url })
  return { TELEGRAM_WEBHOOK_URL: url }
}

/** A Telegram in front of ours whose clock is wrong. */
async function atAnotherTime(offsetMs: number): Promise<Environment> {
  const server = createServer((incoming, answer) => {
    const passed = request(`${fake.root}${incoming.url}`, { method: incoming.method ?? 'GET' }, (from) => {
      answer.writeHead(from.statusCode ?? 500, { date: new Date(Date.now() + offsetMs).toUTCString() })
      from.pipe(answer)
    })
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undo.push(() => server.close())
  return { TELEGRAM_API_ROOT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function anotherProgram(): Promise<Environment> {
  const server = createServer((_, answer) => answer.end('<html>'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undo.push(() => server.close())
  return { PORT: String((server.address() as AddressInfo).port) }
}

const polling = { TELEGRAM_WEBHOOK_URL: '', TELEGRAM_WEBHOOK_SECRET: '' }

/** A process of a bot that polls, with a Telegram of its own. */
async function pollingBot(changes: Environment): Promise<{ env: Environment; other: FakeTelegram }> {
  const other = await createFakeTelegram()
  undo.push(other.stop)
  const env = { ...polling, PORT: String(await freePort()), TELEGRAM_API_ROOT: other.root }
  const booted = await bootApp({ env: { ...healthy, ...env, ...changes } })
  undo.push(booted.close)
  return { env, other }
}

async function poller(): ReturnType<typeof pollingBot> {
  const started = await pollingBot({ DATABASE_URL: '', REDIS_URL: '' })
  const { state, until } = started.other.bot(fakeToken)
  await until(() => state.poll !== undefined, 20_000)
  return started
}

/** A bot that polls, beside a program that does the same with its token. */
async function besideAnotherPoller(): Promise<Environment> {
  const { env, other } = await poller()
  await fetch(`${other.root}/bot${fakeToken}/getUpdates?timeout=0`)
  await expect
    .poll(async () => (await fetch(`http://127.0.0.1:${env['PORT']}/health`)).text())
    .toMatch(/another program/)
  return env
}

interface Case {
  /** Breaks the set-up; what of its settings is other then. */
  breaks(): Environment | Promise<Environment>
  options?: Examination
  /** The check that says it; what it found, and the next step. */
  check: string
  status?: 'warn'
  found: RegExp
  next: RegExp
  /** Other checks that are not green because of it. */
  also?: string[]
}

const cases: Record<string, Case> = {
  'token of the wrong shape': {
    breaks: () => ({ TELEGRAM_BOT_TOKEN: '123:abc' }),
    check: 'configuration',
    found: /TELEGRAM_BOT_TOKEN: found \*\*\* \(7 characters\)/,
    next: /correct TELEGRAM_BOT_TOKEN: .*@BotFather/,
  },
  'weak secret': {
    breaks: () => ({ SECRET_KEY: 'changeme-changeme-changeme-changeme' }),
    check: 'configuration',
    found: /SECRET_KEY: .*too easy to guess/,
    next: /correct SECRET_KEY: .*openssl rand/,
  },
  'weak webhook secret': {
    breaks: () => ({ TELEGRAM_WEBHOOK_SECRET: 'abc' }),
    check: 'configuration',
    found: /TELEGRAM_WEBHOOK_SECRET/,
    next: /openssl rand -hex 32/,
  },
  'data folder is a file': {
    breaks: () => ({ DATA_DIR: 'parley.yaml' }),
    check: 'data folder',
    found: /is no folder/,
    next: /set DATA_DIR/,
  },
  'database away': {
    breaks: () => ({ DATABASE_URL: 'postgres://parley@127.0.0.1:1/shop' }),
    check: 'database',
    found: /nothing listens there/,
    next: /start PostgreSQL/,
  },
  'wrong password of the database': {
    breaks: () => ({
      DATABASE_URL: Object.assign(new URL(healthy['DATABASE_URL'] ?? ''), { password: secret() }).href,
    }),
    check: 'database',
    found: /the password of user "postgres" is refused/,
    next: /correct user and password in DATABASE_URL/,
  },
  'pool exhausted': {
    breaks: crowdedDatabase,
    check: 'pool',
    found: /too many connections/,
    next: /lower DATABASE_POOL_MAX .*max_connections/,
    also: ['database'],
  },
  'pool larger than the server': {
    breaks: () => ({ DATABASE_POOL_MAX: '200' }),
    check: 'pool',
    found: /DATABASE_POOL_MAX is 200, the server takes \d+/,
    next: /lower DATABASE_POOL_MAX/,
  },
  'schema behind': {
    breaks: () => databaseOf(previousSchema),
    check: 'schema',
    found: /behind/,
    next: /parley migrate up/,
  },
  'schema ahead': {
    breaks: () => databaseOf(closedSchema),
    check: 'schema',
    found: /ahead: .*9999_contracts/,
    next: /start the version that wrote it/,
  },
  'data moved in part only': {
    breaks: async () => {
      const other = await databaseOf(undefined)
      const options = { kind: 'postgres' as const, url: other['DATABASE_URL'] ?? '', poolMin: 0, poolMax: 1 }
      await execute(options, `insert into kysely_migration values ('transfer_of_3f9a1c2b', '2026-01-01')`)
      return other
    },
    check: 'schema',
    found: /a part of the data only/,
    next: /parley migrate-data/,
  },
  'replies that could not be delivered': {
    breaks: async () => {
      const other = await databaseOf(undefined)
      await execute(
        { kind: 'postgres', url: other['DATABASE_URL'] ?? '', poolMin: 0, poolMax: 1 },
        deadLetter,
      )
      return other
    },
    check: 'dead letters',
    status: 'warn',
    found: /1 reply could not be delivered/,
    next: /parley outbox/,
    also: ['backup'],
  },
  'what waits for another bot': {
    breaks: async () => {
      const other = await databaseOf(undefined)
      const options = { kind: 'postgres' as const, url: other['DATABASE_URL'] ?? '', poolMin: 0, poolMax: 1 }
      await execute(options, deadLetter.replace("'failed'", "'queued'"))
      return other
    },
    check: 'backlog',
    status: 'warn',
    found: /1 reply unsent, 0 messages unanswered, for telegram:1, which is not configured here/,
    next: /parley outbox -c \S+ shows it; .*: parley outbox drop -c \S+ --waiting-for telegram:1$/,
    also: ['backup'],
  },
  'what waits for too long': {
    breaks: async () => {
      const other = await databaseOf(undefined)
      const options = { kind: 'postgres' as const, url: other['DATABASE_URL'] ?? '', poolMin: 0, poolMax: 1 }
      const [account = ''] = fakeToken.split(':')
      await execute(
        options,
        deadLetter
          .replace("'failed'", "'queued'")
          .replace("'telegram', '1', '1'", `'telegram', '${account}', '1'`),
      )
      return other
    },
    check: 'backlog',
    status: 'warn',
    found: /^0 to answer, 1 to deliver, the oldest for \d+ days$/,
    next: /parley start.*parley start -c \S+ --role worker.*docs\/runbooks\/backlog-old\.md/,
    also: ['backup'],
  },
  'no backup yet': {
    breaks: () => databaseOf(undefined),
    check: 'backup',
    status: 'warn',
    found: /there is none/,
    next: /parley backup/,
  },
  'backup too old': {
    breaks: async () => {
      await backedUp(72 * hour)
      undo.push(() => backedUp(hour))
      return {}
    },
    check: 'backup',
    found: /the latest proven one is 3 days old/,
    next: /parley backup/,
  },
  'the backup is gone': {
    breaks: () => {
      const kept = [...bucket.objects]
      bucket.objects.clear()
      undo.push(() => kept.forEach(([key, body]) => bucket.objects.set(key, body)))
      return {}
    },
    check: 'backup place',
    found: /^the latest proven one, of \d{4}-\S+Z, is not among the 0 in s3:\/\/fake-backups\/bots\/acme$/,
    next: /parley backup/,
  },
  'the key of the bucket refused': {
    breaks: () => ({ AWS_SECRET_ACCESS_KEY: 'another/secret+of/tests+0123456789' }),
    check: 'backup place',
    found: /^The bucket s3:\/\/fake-backups\/bots\/acme cannot be used: the key is refused/,
    next: /correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
  },
  'no such bucket': {
    breaks: () => ({ BACKUP_S3_BUCKET: 'fake-nowhere' }),
    check: 'backup place',
    found: /there is no bucket fake-nowhere/,
    next: /make it, or correct .*BACKUP_S3_BUCKET/,
  },
  'the bucket cannot be reached': {
    breaks: async () => ({ BACKUP_S3_ENDPOINT: `http://127.0.0.1:${await freePort()}` }),
    check: 'backup place',
    found: /The store at 127\.0\.0\.1:\d+ cannot be reached: ECONNREFUSED/,
    next: /BACKUP_S3_ENDPOINT/,
  },
  'nothing to take a backup with': {
    breaks: () => ({ BACKUP_DAILY_AT: '03:30' }),
    options: { programs: '/nowhere' },
    check: 'backup tools',
    found: /pg_dump, pg_restore, psql are not on this machine/,
    next: /install the package postgresql-client-\d+/,
  },
  'Redis unreachable': {
    breaks: () => ({ REDIS_URL: 'redis://127.0.0.1:1' }),
    check: 'redis',
    found: /ECONNREFUSED/,
    next: /check REDIS_URL/,
  },
  'token refused': {
    breaks: () => ({ TELEGRAM_BOT_TOKEN: `987654:${'F'.repeat(35)}` }),
    check: 'telegram',
    found: /the token is refused/,
    next: /set TELEGRAM_BOT_TOKEN .*BotFather/,
  },
  'no webhook registered': {
    breaks: () => {
      registered(undefined)
      return {}
    },
    check: 'webhook',
    found: /no webhook is registered/,
    next: /parley webhook set/,
  },
  'webhook set to another address': {
    breaks: () => {
      registered({ url: 'https://yesterday.example/webhook/telegram' })
      return {}
    },
    check: 'webhook',
    found: /another address is registered: https:\/\/yesterday\.example/,
    next: /parley webhook set/,
  },
  'webhook with the wrong secret': {
    breaks: deliveredWithAnotherSecret,
    check: 'webhook',
    found: /401/,
    next: /the secret differs: parley webhook set/,
  },
  'last delivery failed': {
    breaks: () => {
      registered({
        lastErrorMessage: 'Connection timed out',
        lastErrorDate: Math.floor(Date.now() / 1000) - 30,
      })
      return {}
    },
    check: 'webhook',
    found: /Telegram reports: Connection timed out/,
    next: /reached from the internet/,
  },
  'webhook registered, polling configured': {
    breaks: () => polling,
    check: 'webhook',
    status: 'warn',
    found: /no webhook is configured/,
    next: /parley webhook delete/,
  },
  'the running server has another secret': {
    breaks: () => ({ TELEGRAM_WEBHOOK_SECRET: secret() }),
    check: 'webhook secret',
    found: /another TELEGRAM_WEBHOOK_SECRET/,
    next: /set the same one for both/,
  },
  'second poller': {
    breaks: besideAnotherPoller,
    check: 'poller',
    found: /another program fetches the messages of this bot/,
    next: /stop the other/,
  },
  'DNS missing': {
    breaks: () => {
      const url = 'https://bot.parley.invalid/webhook/telegram'
      registered({ url })
      return { TELEGRAM_WEBHOOK_URL: url }
    },
    check: 'dns',
    found: /bot\.parley\.invalid/,
    next: /A or AAAA record of bot\.parley\.invalid|name servers of this machine/,
  },
  'nothing listens at the public address': {
    breaks: () => {
      const url = 'https://localhost:1/webhook/telegram'
      registered({ url })
      return { TELEGRAM_WEBHOOK_URL: url }
    },
    check: 'certificate',
    found: /nothing listens at localhost:1/,
    next: /start the proxy/,
    also: ['address'],
  },
  'certificate expired': {
    breaks: () => behind(authority.issue('localhost', -1)),
    check: 'certificate',
    found: /expired on \d{4}-/,
    next: /renew it/,
  },
  'certificate pending, the proxy shows its own': {
    breaks: () => behind(selfSigned('Kubernetes Ingress Controller Fake Certificate')),
    check: 'certificate',
    found: /not issued yet: .*Fake Certificate/,
    next: /certbot certificates, or kubectl describe certificate/,
  },
  'certificate pending, the proxy has none': {
    breaks: closing,
    check: 'certificate',
    found: /not issued yet: localhost:\d+ shows none/,
    next: /certbot certificates/,
    also: ['address'],
  },
  'certificate of another name': {
    breaks: () => behind(authority.issue('other.example', 90)),
    check: 'certificate',
    found: /it is not of localhost, but of DNS:other\.example/,
    next: /get a certificate of localhost/,
  },
  'nothing behind the proxy': {
    breaks: () => behind(authority.issue('localhost', 90), 1),
    check: 'address',
    found: /answers 502/,
    next: /parley start/,
  },
  'another version runs': {
    breaks: () => ({}),
    options: { expect: '9.9.9-0a1b2c3d4e5f' },
    check: 'version',
    found: /expected is 9\.9\.9-0a1b2c3d4e5f/,
    next: /docs\/guides\/releases\.md/,
  },
  'clock off': {
    breaks: () => atAnotherTime(hour),
    check: 'telegram clock',
    found: /3[56]\d\d\.\d s behind the clock of Telegram/,
    next: /NTP/,
  },
  'port taken': {
    breaks: anotherProgram,
    check: 'port',
    found: /another program answers/,
    next: /set PORT/,
  },
  'another bot at the port': {
    breaks: () => ({ DATABASE_URL: '' }),
    check: 'port',
    found: /another bot of Parley answers at \S+: nobody has the database of this one open/,
    next: /set PORT to another/,
  },
  'key of the model refused': {
    breaks: () => ({ OPENAI_API_KEY: 'sk-fake-and-wrong-of-tests' }),
    check: 'model',
    found: /the key is refused/,
    next: /OPENAI_API_KEY/,
  },
}

/** A person to whom a reply could not be sent. */
const deadLetter = `
  insert into contacts (id, channel, platform_id, name, created_at) values ('p1', 'telegram', '1', 'Ann', 1);
  insert into conversations (id, channel, account, chat_id, thread_id, kind, contact_id, title, status, epoch, summary,
    summary_seq, last_seq, turn_after, turn_attempts, lease_until, lane_until, created_at, updated_at)
  values ('c1', 'telegram', '1', '1', '', 'private', 'p1', '', 'bot', 0, '', 0, 1, 0, 0, 0, 0, 1, 1);
  insert into messages (conversation_id, seq, author, kind, text, platform_id, state, attempts, next_at, plain, suspect, created_at)
  values ('c1', 1, 'bot', 'text', 'hello', '', 'failed', 8, 0, 0, 0, 1)`

test.each(Object.entries(cases))(
  '%s',
  async (_name, { breaks, options, check, status, found, next, also = [] }) => {
    const items = wrong(await doctor(await breaks(), options))
    const said = items.find(({ name }) => name === check)
    expect(said, JSON.stringify(items)).toMatchObject({ status: status ?? 'fail' })
    expect(said?.found).toMatch(found)
    expect(said?.next).toMatch(next)
    // Nothing else is blamed. A database of its own has no backup, which is a warning of its own.
    const others = items.filter((item) => item.status === 'fail' || status === 'warn').map(({ name }) => name)
    expect([...new Set(others)].toSorted()).toEqual([check, ...also].toSorted())
  },
)

test('the bot itself measures how long the certificate of its address is good', async () => {
  const left = async () => {
    const page = await (await fetch(`http://127.0.0.1:${healthy['PORT']}/metrics`)).text()
    const of = `tls_certificate_not_after_timestamp_seconds{host="localhost:${front.port}"} `
    const line = page.split('\n').find((each) => each.startsWith(of)) ?? ''
    return (Number(line.slice(of.length)) * 1000 - Date.now()) / (24 * hour)
  }
  await expect.poll(left, { timeout: 10_000 }).toBeCloseTo(90, 1)
})

const secretItem = (items: Item[]) => items.find(({ name }) => name === 'webhook secret')

test('the webhook secret is told where the certificate is good', async () => {
  const { port, told } = await eavesdropper()
  const items = await doctor(await behind(authority.issue('localhost', 90), port))
  expect(secretItem(items)).toMatchObject({ status: 'ok' })
  expect(told).toEqual([healthy['TELEGRAM_WEBHOOK_SECRET']])
})

test.each([
  ['expired', () => authority.issue('localhost', -1)],
  ['of another name', () => authority.issue('other.example', 90)],
  ['of nobody', () => selfSigned('localhost')],
])('the webhook secret is told to nobody whose certificate is %s', async (_, certificate) => {
  const { port, told } = await eavesdropper()
  const changes = await behind(certificate(), port)
  const items = await doctor(changes)
  expect(items.find(({ name }) => name === 'address')).toMatchObject({ status: 'ok' })
  expect(secretItem(items)).toMatchObject({
    status: 'skip',
    found: expect.stringMatching(/^not told: no good certificate/),
  })
  // Of another address the certificate is good, which says nothing about this one.
  const elsewhere = await doctor(changes, { url: `https://localhost:${front.port}` })
  expect(elsewhere.find(({ name }) => name === 'certificate')).toMatchObject({ status: 'ok' })
  expect(secretItem(elsewhere)).toMatchObject({
    status: 'skip',
    found: expect.stringMatching(/^not told: the webhook is at localhost:\d+, not at localhost:/),
  })
  expect(told).toEqual([])
})

test('that no other program fetches the messages is told by the process that does, and by no other', async () => {
  const told = async ({ env }: { env: Environment }) =>
    (await doctor(env)).find(({ name }) => name === 'poller')
  expect(await told(await poller())).toMatchObject({ status: 'ok' })
  // As in a cluster: the role is an argument of that process, and unknown to a command beside it.
  expect(await told(await pollingBot({ PARLEY_ROLE: 'worker' }))).toMatchObject({
    status: 'skip',
    found: expect.stringMatching(
      /deployment\/parley-poller.*parley doctor --port.* 8003 as in docs\/guides\/scaling\.md/,
    ),
  })
})

test('a server on the embedded database is that bot, and no other', async () => {
  const PORT = String(await freePort())
  const booted = await bootApp({
    env: { ...healthy, ...polling, TELEGRAM_BOT_TOKEN: '', DATABASE_URL: '', PORT },
  })
  undo.push(booted.close)
  const { database } = booted.config
  const items = await doctor({
    DATABASE_URL: '',
    DATABASE_PATH: 'path' in database ? database.path : '',
    PORT,
  })
  expect(items).toContainEqual(
    expect.objectContaining({ name: 'port', status: 'ok', found: `Parley runs at 127.0.0.1:${PORT}` }),
  )
  // A bot of its own that was refused the port has made its database by then.
  const other = { DATABASE_URL: '', PORT }
  const config = home(other)
  const { stderr } = await runCommand(config, ['start', '-c', config])
  expect(stderr).toMatch(/runs already/)
  expect(await examine({ config })).toContainEqual(
    expect.objectContaining({ name: 'port', status: 'fail', found: expect.stringMatching(/^another bot/) }),
  )
})

test('beside the server that is configured another can be asked', async () => {
  const { PORT, ...env } = await besideAnotherPoller()
  const items = await doctor({ ...env, PORT: String(await freePort()) }, { port: Number(PORT) })
  expect(items).toContainEqual(expect.objectContaining({ name: 'poller', status: 'fail' }))
})

test('connections of other users count, whoever asks', async () => {
  await connect(healthy['DATABASE_URL'] ?? '', 20)
  const items = await doctor({ DATABASE_URL: await ordinaryUser(10) })
  const { found = '' } = items.find(({ name }) => name === 'pool') ?? {}
  expect(Number(/^(\d+) of \d+ connections/.exec(found)?.[1])).toBeGreaterThanOrEqual(20)
})

test('a schema that a newer version expanded is fine, and named', async () => {
  const items = await doctor(await databaseOf(nextSchema))
  expect(items.find(({ name }) => name === 'schema')).toMatchObject({
    status: 'ok',
    found: expect.stringMatching(/ahead, compatible: .*9998_expands/),
  })
})

test('a bucket elsewhere is not asked where nothing else may be', async () => {
  const items = await doctor({ BACKUP_S3_ENDPOINT: 'https://s3.example.com' }, { offline: true })
  expect(items).toContainEqual({ name: 'backup place', status: 'skip', found: 's3.example.com not asked' })
})

test.each(['DATA_DIR', 'BACKUP_DIR'])('the disk of %s nearly full, in words and in JSON', async (name) => {
  const disk = await createDisk({ megabytes: 20 })
  try {
    const backup = await backedUp(hour)
    writeFileSync(join(disk.outside, backup), 'what nobody reads')
    const config = home({ BACKUP_S3_BUCKET: '', BACKUP_DIR: disk.folder, [name]: disk.folder })
    const env = { NODE_EXTRA_CA_CERTS: join(config, 'ca.pem') }
    writeFileSync(env.NODE_EXTRA_CA_CERTS, authority.cert)
    const { code, stdout } = await runCommand(config, ['doctor', '-c', config], env, disk.within)
    expect(stdout).toMatch(
      new RegExp(`FAIL +disk +\\d+ MB free at ${disk.folder}\n +→ free some space, or move ${name} to`),
    )
    expect(stdout).toContain('1 to correct.')
    expect(code).toBe(1)
    const machine = await runCommand(config, ['doctor', '--json', '-c', config], env, disk.within)
    const { ok, checks } = JSON.parse(machine.stdout)
    expect(ok).toBe(false)
    expect(wrong(checks)).toEqual([
      { name: 'disk', status: 'fail', found: expect.stringMatching(/MB free/), next: expect.any(String) },
    ])
  } finally {
    await disk.close()
  }
})
