import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeFolder } from '../ops/folder.ts'
import type { Config } from './config.ts'
import { type LoadedConfig, loadConfig } from './load.ts'
import { formatProblem } from './problem.ts'
import { formatWarning } from './warnings.ts'

const token = `123456789:${'Ab'.repeat(17)}c`
const strongKey = 'kR7vQx2LmN9pWz4TfB6yHc8DgJ3sAe5U'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'parley-config-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

function write(yaml: string): void {
  writeFileSync(join(cwd, 'parley.yaml'), yaml)
}

function load(env: Record<string, string> = {}): LoadedConfig {
  const result = loadConfig({ env, cwd, makeFolder })
  if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result
}

function configOf(env: Record<string, string> = {}): Config {
  return load(env).config
}

function problems(env: Record<string, string> = {}): string[] {
  const result = loadConfig({ env, cwd, makeFolder })
  return 'problems' in result ? result.problems.map(formatProblem) : []
}

const warnings = (env: Record<string, string> = {}): string[] => load(env).warnings.map(formatWarning)

describe('a configuration', () => {
  test('of an empty file has every default', () => {
    write('')
    const { config, dataDir, example } = load()
    expect(example).toBe(false)
    expect(dataDir).toBe(join(cwd, 'data'))
    expect(config.server).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      bodyLimit: 1_048_576,
      trustProxy: false,
    })
    expect(config.database).toEqual({ kind: 'sqlite', path: join(cwd, 'data/parley.db') })
    expect(config.models).toMatchObject({ chain: [], maxOutputTokens: 500, timeoutMs: 30_000, tries: 3 })
    expect(config.telegram).toBeUndefined()
    expect(config.timezone).toBe('UTC')
    expect(config.limits).toEqual({
      messages: { perHour: 60, perDay: 500, banAfter: 20, banMs: 3_600_000, spam: true },
      calls: { perSession: 10, perDay: 50, sessionMs: 3_600_000 },
      perAddress: 60,
      socketsPerAddress: 200,
    })
  })

  test('takes limits from the names people know, and refuses a zone that does not exist', () => {
    const known = {
      RATE_LIMIT_PER_HOUR: '7',
      RATE_LIMIT_PER_DAY: '8',
      LLM_SESSION_LIMIT: '9',
      LLM_DAILY_LIMIT: '10',
    }
    expect(configOf(known).limits).toMatchObject({
      messages: { perHour: 7, perDay: 8 },
      calls: { perSession: 9, perDay: 10 },
    })
    write('timezone: Europe/Atlantis\nlimits: { per_hour: 0 }')
    expect(problems()).toEqual([
      expect.stringMatching(/timezone .*Europe\/Atlantis.*a time zone such as Europe\/Berlin/),
      expect.stringMatching(/limits\.per_hour .*0.*a whole number from 1/),
    ])
  })

  test('keeps things for days or for ever, updates for a week at least', () => {
    write('')
    expect(configOf().retention).toEqual({ conversationDays: 730, traceDays: 90, budgetDays: 400 })
    write('retention: { conversations: forever, traces: 1d, budget: 7d }')
    expect(configOf().retention).toEqual({ conversationDays: undefined, traceDays: 1, budgetDays: 7 })
    write('retention: { conversations: 6d, traces: 12h, budget: 30 }')
    expect(problems()).toEqual([
      expect.stringMatching(
        /retention\.conversations .*6d.*days such as 90d, at least 7d \(updates that come again are known by/,
      ),
      expect.stringMatching(/retention\.traces .*12h.*days such as 90d, at least 1d, or forever/),
      expect.stringMatching(/retention\.budget .*30.*days such as 90d, at least 7d, or forever/),
    ])
  })

  test('is the example where there is no file', () => {
    const { example, file } = load()
    expect(example).toBe(true)
    expect(file).toMatch(/examples.agency.parley\.yaml$/)
  })

  test('the environment beats the file', () => {
    write('server: { port: 1234, host: 127.0.0.2 }\nbot: { admins: [7] }')
    const config = configOf({ PORT: '4321', ADMIN_IDS: '1, web:x' })
    expect(config.server).toMatchObject({ port: 4321, host: '127.0.0.2' })
    expect(config.bot.admins).toEqual(['telegram:1', 'web:x'])
  })

  test('an empty name of the environment and a bare key of the file are not set', () => {
    write('telegram:\n  webhook_url:\nmodels:\n')
    expect(configOf({ PORT: '', TELEGRAM_BOT_TOKEN: '' }).server.port).toBe(8000)
  })

  test('texts are one for every language or one for each; units become numbers', () => {
    write(
      'bot: { name: A, tagline: Hi, languages: [ru, en], welcome: { text: { ru: Да, en: Yes } } }\nmodels: { timeout: 5s }',
    )
    const { bot, models } = configOf()
    expect(bot.tagline).toEqual({ ru: 'Hi' })
    expect(bot.welcome.text).toEqual({ ru: 'Да', en: 'Yes' })
    expect(models.timeoutMs).toBe(5000)
  })

  test('PostgreSQL and its pool', () => {
    write('')
    const url = 'postgres://parley:x@db/parley'
    expect(configOf({ DATABASE_URL: url }).database).toEqual({
      kind: 'postgres',
      url,
      poolMin: 10,
      poolMax: 30,
    })
  })

  test('Redis, and a role that shares the work over both', () => {
    write('redis: { prefix: other }')
    const env = { DATABASE_URL: 'postgres://h/d', REDIS_URL: 'rediss://:x@cache:6380/2', PARLEY_ROLE: 'api' }
    const { config, warnings } = load(env)
    expect(config).toMatchObject({ role: 'api', redis: { url: 'rediss://:x@cache:6380/2', prefix: 'other' } })
    expect(warnings.map(formatWarning)).toEqual([
      expect.stringMatching(/^SECRET_KEY is not set, .*other api/),
    ])
    expect(load({ ...env, SECRET_KEY: strongKey }).warnings).toEqual([])
    expect(configOf()).toMatchObject({ role: 'all', redis: undefined })
  })

  test('Telegram by webhook; the bare address means the path where it is received', () => {
    write('')
    const env = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: 'sekret' }
    const telegram = configOf({ ...env, TELEGRAM_WEBHOOK_URL: 'https://bot.example.com/' }).telegram
    expect(telegram).toMatchObject({
      webhookUrl: 'https://bot.example.com/webhook/telegram',
      webhookSecret: 'sekret',
    })
    expect(
      configOf({ ...env, TELEGRAM_WEBHOOK_URL: 'http://127.0.0.1:80/webhook/telegram' }).telegram,
    ).toBeDefined()
  })

  test('traces go where the names of OpenTelemetry say, and nowhere without an endpoint', () => {
    write('')
    const rest = { OTEL_EXPORTER_OTLP_HEADERS: 'nonsense', OTEL_TRACES_SAMPLER_ARG: 'http://x' }
    expect(configOf(rest).traces).toBeUndefined()
    writeFileSync(join(cwd, 'headers'), 'Authorization=Basic%20a-key-of-tests-==, x-scope-orgid=acme\n')
    expect(
      configOf({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.com/otlp/',
        OTEL_EXPORTER_OTLP_HEADERS_FILE: 'headers',
        OTEL_TRACES_SAMPLER_ARG: '0.05',
      }).traces,
    ).toEqual({
      endpoint: 'https://otlp.example.com/otlp/v1/traces',
      headers: { authorization: 'Basic a-key-of-tests-==', 'x-scope-orgid': 'acme' },
      service: 'parley',
      ratio: 0.05,
    })
    const whole = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/traces',
      OTEL_SERVICE_NAME: 'acme',
    }
    expect(configOf({ ...whole, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://other' }).traces).toMatchObject({
      endpoint: 'http://127.0.0.1:4318/traces',
      service: 'acme',
      ratio: 1,
    })
  })

  test('PARLEY_CONFIG names a folder; data files are found beside the file', () => {
    mkdirSync(join(cwd, 'other'))
    writeFileSync(join(cwd, 'other/parley.yaml'), 'bot: { faq: faq.yaml }')
    writeFileSync(join(cwd, 'other/faq.yaml'), '')
    const { config, files } = load({ PARLEY_CONFIG: 'other' })
    expect(config.bot.faq).toBe(join(cwd, 'other/faq.yaml'))
    expect(files).toEqual([join(cwd, 'other/parley.yaml'), join(cwd, 'other/faq.yaml')])
  })

  test('a bot in a folder of its own has its data there; paths that are really set are meant from here', () => {
    mkdirSync(join(cwd, 'other'))
    const file = join(cwd, 'other/parley.yaml')
    const databaseOf = (env: Record<string, string> = {}) =>
      configOf({ PARLEY_CONFIG: 'other', ...env }).database
    writeFileSync(file, '')
    expect(databaseOf()).toMatchObject({ path: join(cwd, 'other/data/parley.db') })
    expect(databaseOf({ DATA_DIR: 'd' })).toMatchObject({ path: join(cwd, 'd/parley.db') })
    expect(databaseOf({ DATABASE_PATH: 'a.db' })).toMatchObject({ path: join(cwd, 'a.db') })
    writeFileSync(file, 'data_dir: e')
    expect(databaseOf()).toMatchObject({ path: join(cwd, 'other/e/parley.db') })
    writeFileSync(file, 'database: { path: b.db }')
    expect(databaseOf()).toMatchObject({ path: join(cwd, 'other/b.db') })
  })

  test('the example has its data in the working directory', () => {
    expect(load()).toMatchObject({ example: true, dataDir: join(cwd, 'data') })
    const folder = join(import.meta.dirname, '../../examples/agency')
    for (const named of [folder, join(folder, 'parley.yaml')])
      expect(load({ PARLEY_CONFIG: named })).toMatchObject({ example: false, dataDir: join(cwd, 'data') })
  })

  test('a name that is nearly one of ours is a warning', () => {
    write('')
    expect(warnings({ TELEGRAM_BOT_TOKN: 'x', PATH: '/bin' })).toEqual([
      'TELEGRAM_BOT_TOKN is not a setting: did you mean TELEGRAM_BOT_TOKEN?',
    ])
  })

  test('a chain of the file that the environment beats', () => {
    const chosen = { OPENAI_API_KEY: 'k', AI_PROVIDER: 'openai', AI_MODEL: 'gpt-5-mini' }
    write('')
    expect(warnings(chosen)).toEqual([])
    write('models: { chain: [{ provider: anthropic }, { provider: openai }] }')
    expect(warnings({ ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k' })).toEqual([])
    expect(warnings(chosen)).toEqual([
      expect.stringMatching(
        /^models\.chain .*: AI_PROVIDER, AI_MODEL: take that out .* or remove models\.chain$/,
      ),
    ])
  })

  test('a limit of a day that ends before the one of an hour', () => {
    write('limits: { per_hour: 50, per_day: 50, model_calls: { per_session: 20 } }')
    expect(warnings()).toEqual([])
    expect(warnings({ RATE_LIMIT_PER_HOUR: '60' })).toEqual([
      'limits.per_hour is above limits.per_day, which ends first: raise limits.per_day, or lower limits.per_hour',
    ])
    write('limits: { model_calls: { per_session: 51 } }')
    expect(warnings()).toEqual([
      expect.stringMatching(/^limits\.model_calls\.per_session is above limits\.model_calls\.per_day/),
    ])
  })

  test('production by another name, and without a key of its own, is a warning; development is none', () => {
    write('')
    expect(warnings()).toEqual([])
    const inNode = warnings({ NODE_ENV: 'production' })
    expect(inNode).toEqual([
      expect.stringMatching(/^NODE_ENV is production, but .* set ENVIRONMENT=production$/),
      expect.stringMatching(/^SECRET_KEY is not set, and visitors .*data is there: set SECRET_KEY/),
    ])
    expect(warnings({ ENVIRONMENT: 'production' })).toEqual([expect.stringMatching(/^SECRET_KEY is not set/)])
    expect(warnings({ ...production, NODE_ENV: 'production' })).toEqual([])
  })

  test('plain HTTP for everybody is a warning, unless something says that TLS ends in front', () => {
    write('')
    const open = { ...production, HOST: '0.0.0.0' }
    expect(warnings(open)).toEqual([expect.stringMatching(/^HOST is 0\.0\.0\.0: .*plain HTTP.*TRUST_PROXY/)])
    expect(warnings({ ...open, TRUST_PROXY: 'true' })).toEqual([])
    const secret = { TELEGRAM_WEBHOOK_SECRET: 'kR7vQx2LmN9pWz4TfB6yHc8D' }
    expect(warnings({ ...open, ...webhook, ...secret })).toEqual([])
  })

  test('the port of the other protocol is a warning', () => {
    write('')
    const endpoint = (port: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://collector:${port}` })
    expect(warnings(endpoint('4318'))).toEqual([])
    expect(warnings(endpoint('4317'))).toEqual([
      expect.stringMatching(/^traces go to port 4317, .*gRPC.*4318$/),
    ])
  })

  test('an option that npm kept for itself is a warning with what to write', () => {
    write('')
    expect(
      warnings({ npm_config_port: '9000', npm_config_call: 'a b', npm_lifecycle_event: 'parley' }),
    ).toEqual([
      'npm took an option for its own, Parley did not see it: PORT=9000 npm start',
      'npm took an option for its own, Parley did not see it: npm run parley -- … --config …',
    ])
  })
})

describe('the secret key', () => {
  test('is made once and kept for the owner alone', () => {
    write('')
    const first = configOf().server.secretKey
    expect(first.length).toBeGreaterThanOrEqual(32)
    expect(configOf().server.secretKey).toBe(first)
    expect(statSync(join(cwd, 'data/secret.key')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(cwd, 'data/secret.key'), 'utf8').trim()).toBe(first)
  })

  test('is not made while there are problems', () => {
    write('x: 1')
    expect(problems()).toHaveLength(1)
    expect(() => statSync(join(cwd, 'data'))).toThrow(/ENOENT/)
  })

  test('a data folder that cannot be written is a problem', () => {
    write('')
    writeFileSync(join(cwd, 'data'), 'a file, not a folder')
    expect(problems()[0]).toMatch(/^DATA_DIR: found .*expected a folder this process may write/)
    // Where a folder above it cannot be made either, the file system says no such thing.
    expect(problems({ DATA_DIR: '/proc/nowhere/deep' })[0]).toMatch(
      /^DATA_DIR: found ENOENT.*\/proc\/nowhere'/,
    )
  })
})

describe('secrets from files', () => {
  test('are read, trimmed and watched', () => {
    write('')
    writeFileSync(join(cwd, 'key'), 'sk-fake-key\n')
    const { config, files } = load({ ANTHROPIC_API_KEY_FILE: 'key' })
    expect(config.models.chain[0]?.apiKey).toBe('sk-fake-key')
    expect(files).toContain(join(cwd, 'key'))
  })

  test('both, missing and empty are problems that name the file', () => {
    write('')
    writeFileSync(join(cwd, 'empty'), '\n')
    const found = problems({
      SECRET_KEY: strongKey,
      SECRET_KEY_FILE: 'empty',
      OPENAI_API_KEY_FILE: 'nowhere',
      GOOGLE_API_KEY_FILE: 'empty',
    })
    expect(found).toHaveLength(3)
    expect(found[0]).toMatch(/SECRET_KEY, SECRET_KEY_FILE: found both set/)
    expect(found[1]).toMatch(
      /OPENAI_API_KEY_FILE: found .*nowhere, unreadable \(ENOENT\); expected a file that the user \S+ may/,
    )
    expect(found[2]).toMatch(/GOOGLE_API_KEY_FILE: found the empty file .*empty/)
  })
})

test.each(['p@ss/w#rd', 'p@ss#w', 'p@ss?w', 'p@ss/w?rd', '12/p', '12?p'])(
  'a password such as %s, as it is, is told from a host; nothing of it is shown',
  (password) => {
    write('')
    expect(problems({ DATABASE_URL: `postgres://u:${password}@127.0.0.1:5432/d` })).toEqual([
      'DATABASE_URL: found special characters of user or password as they are; ' +
        'expected postgres://user:password@host:5432/name, special characters of user and password percent-encoded',
    ])
  },
)

const production = { ENVIRONMENT: 'production', SECRET_KEY: strongKey }
const webhook = {
  TELEGRAM_BOT_TOKEN: token,
  TELEGRAM_WEBHOOK_URL: 'https://bot.example.com/webhook/telegram',
}

describe('a bad input is one clear problem', () => {
  const cases: [yaml: string, env: Record<string, string>, problem: RegExp][] = [
    [
      'server: { port: 70000 }',
      {},
      /^server\.port \(parley\.yaml line 1\): found 70000; expected a whole number from 0/,
    ],
    ['', { PORT: 'http' }, /^PORT: found "http"; expected a whole number/],
    ['', { PORT: '80.5' }, /^PORT: found 80\.5; expected a whole number/],
    ['\n\nserver:\n  prot: 1', {}, /^server\.prot \(parley\.yaml line 4\): .*did you mean "port"/],
    ['zzz: 1', {}, /^zzz \(parley\.yaml line 1\): found an unknown setting; expected one of environment/],
    ...[
      ['telegram_bot_token: x', 'TELEGRAM_BOT_TOKEN'],
      ['telegram: { token: x }', 'TELEGRAM_BOT_TOKEN'],
      ['telegram: { bot_token: x }', 'TELEGRAM_BOT_TOKEN'],
      ['telegram: { webhook_secret: x }', 'TELEGRAM_WEBHOOK_SECRET'],
      ['server: { secret_key: x }', 'SECRET_KEY'],
      ['database: { url: x }', 'DATABASE_URL'],
      ['models: { openai_api_key: x }', 'OPENAI_API_KEY'],
      ['models: { chain: [{ provider: openai, api_key: x }] }', 'the …_API_KEY of the provider'],
    ].map(([yaml = '', name = '']): (typeof cases)[number] => [
      yaml,
      {},
      new RegExp(`found a secret in a file; expected ${name} in the environment or in \\.env instead$`),
    ]),
    ['models: { timeout: 30 }', {}, /found 30; expected a duration with its unit/],
    ['models: { timeout: 5m }', {}, /found "5m"; expected a duration .* to 4m/],
    ['models: 7', {}, /^models \(parley\.yaml line 1\): found 7; expected the settings chain/],
    ['bot: { languages: [de] }', {}, /bot\.languages\[0\].*found "de"; expected one of en, ru/],
    ['bot: { languages: [] }', {}, /at least one language/],
    ['bot: { tagline: { ru: x } }', {}, /^bot\.tagline .*a text in the default language \(en\)/],
    ['bot: { faq: nowhere.yaml }', {}, /^bot\.faq .*nowhere\.yaml; expected a file that exists/],
    ['bot: { commands: [{ command: Start!, description: a, text: b }] }', {}, /without the slash/],
    [
      'bot: { commands: [{ command: help, description: a, text: b }] }',
      {},
      /"help"; expected a name that is not built in/,
    ],
    [
      'bot: { welcome: { buttons: [{ label: a, action: 😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀 }] } }',
      {},
      /at most 64 bytes/,
    ],
    ['- a', {}, /^parley\.yaml: found no settings/],
    ['bot:\n  name: "x', {}, /^parley\.yaml line 2: .*expected valid YAML/],
    ['bot: {}\nbot: {}', {}, /^parley\.yaml line 2: found Map keys must be unique/],
    ['- a\nb: 1', {}, /^parley\.yaml line 2: found Unexpected scalar at node end/],
    [
      'bot:\n  name: A\n\n# models:\n#   budget:\n    daily: 100 # a day\n#   tries: 3\n',
      {},
      /^parley\.yaml line 6: .*; expected valid YAML: indent it like its neighbours; is the heading above/,
    ],
    [
      '',
      { ENVIRONMENT: 'prod' },
      /^ENVIRONMENT: found "prod"; expected one of development, staging, production$/,
    ],
    ['', { LOG_LEVEL: 'verbose' }, /^LOG_LEVEL: .*one of debug/],
    ['', { ADMIN_IDS: '1,a b' }, /^ADMIN_IDS: found "a b"/],
    ['', { SECRET_KEY: 'short' }, /^SECRET_KEY: found \*\*\* \(5 characters\); expected at least 32/],
    [
      '',
      { ENVIRONMENT: 'production', HOST: '0.0.0.0' },
      /^SECRET_KEY: found nothing, while listening on 0\.0\.0\.0/,
    ],
    ['', { ...production, SECRET_KEY: `changeme${'x'.repeat(30)}` }, /well-known "changeme"/],
    [
      '',
      { ...production, SECRET_KEY: 'a'.repeat(40) },
      /few different characters; expected one made at random; make one with: openssl/,
    ],
    ['', { ...production, SECRET_KEY: 'kR7vQx2LmN9pWz4T'.repeat(2) }, /repeats itself/],
    [
      '',
      { DATABASE_PATH: ':memory:' },
      /^DATABASE_PATH: found :memory:; expected a file; .*forgets what was/,
    ],
    ['database: { path: ":memory:" }', {}, /^database\.path .*forgets what was accepted/],
    ['', { ...production, PARLEY_FAULT: 'turn.leased:1' }, /^PARLEY_FAULT: .*not set in production/],
    [
      '',
      { PARLEY_FAULT: 'turn.eaten:1' },
      /^PARLEY_FAULT: found "turn\.eaten:1"; expected point:n with one of inbox/,
    ],
    [
      '',
      { DATABASE_URL: 'mysql://u:hunter2@h:1/d?password=hunter2' },
      /^DATABASE_URL: found "mysql:\/\/h:1\/d";/,
    ],
    ['', { DATABASE_URL: 'mysql://u:a@hunter2@h' }, /^DATABASE_URL: found "mysql:\/\/h";/],
    ['', { DATABASE_URL: 'mysql:u:hunter2@h/d' }, /^DATABASE_URL: found mysql: without a host;/],
    ['', { DATABASE_URL: 'postgres://host' }, /^DATABASE_URL: /],
    ['', { DATABASE_URL: 'nonsense' }, /^DATABASE_URL: found not a URL/],
    [
      '',
      { ...production, DATABASE_URL: 'postgres://u:postgres@h/d' },
      /^DATABASE_URL: found a password too easy/,
    ],
    [
      '',
      { DATABASE_URL: 'postgres://h/d', DATABASE_POOL_MIN: '40' },
      /^DATABASE_POOL_MIN: found 40; expected at most 30/,
    ],
    [
      '',
      { TELEGRAM_BOT_TOKEN: '123:abc' },
      /^TELEGRAM_BOT_TOKEN: found \*\*\* \(7 characters\); expected 5 to 20 digits, a colon/,
    ],
    ['', webhook, /^TELEGRAM_WEBHOOK_SECRET: found nothing, with a webhook/],
    ['', { ...webhook, TELEGRAM_WEBHOOK_SECRET: 'not allowed!' }, /^TELEGRAM_WEBHOOK_SECRET: .*1 to 256 of/],
    [
      '',
      { ...production, ...webhook, TELEGRAM_WEBHOOK_SECRET: 'short' },
      /^TELEGRAM_WEBHOOK_SECRET: .*16 to 256/,
    ],
    [
      '',
      { TELEGRAM_WEBHOOK_URL: webhook.TELEGRAM_WEBHOOK_URL, TELEGRAM_WEBHOOK_SECRET: 'x' },
      /a webhook without a bot/,
    ],
    [
      '',
      { ...webhook, TELEGRAM_WEBHOOK_URL: 'http://bot.example.com', TELEGRAM_WEBHOOK_SECRET: 'x' },
      /an https address/,
    ],
    [
      '',
      { ...webhook, TELEGRAM_WEBHOOK_URL: 'https://a.b:5000', TELEGRAM_WEBHOOK_SECRET: 'x' },
      /port 443, 80, 88 or 8443/,
    ],
    ['', { REDIS_URL: 'http://u:hunter2@h' }, /^REDIS_URL: found "http:\/\/h\/?"; expected redis:\/\//],
    ['', { REDIS_URL: 'redis://:hun@ter2/w#rd@h:6379/0' }, /^REDIS_URL: found special characters of user or/],
    ['', { REDIS_URL: 'redis://h/x' }, /^REDIS_URL: found "redis:\/\/h\/x"/],
    ['', { REDIS_URL: 'h:6379' }, /^REDIS_URL: found h: without a host/],
    ['', { ...production, REDIS_URL: 'redis://:password@h' }, /^REDIS_URL: found a password too easy/],
    ['redis: { prefix: "a b" }', {}, /^redis\.prefix .*found "a b"; expected 1 to 40 of/],
    [
      '',
      { PARLEY_ROLE: 'wroker' },
      /^role \(--role or PARLEY_ROLE\): found "wroker"; .*did you mean "worker"/,
    ],
    [
      '',
      { PARLEY_ROLE: 'worker' },
      /found worker without DATABASE_URL and REDIS_URL; expected DATABASE_URL and/,
    ],
    [
      '',
      { PARLEY_ROLE: 'api', DATABASE_URL: 'postgres://h/d' },
      /found api without REDIS_URL; expected DATABASE_URL and REDIS_URL/,
    ],
    [
      '',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
      /^OTEL_EXPORTER_OTLP_ENDPOINT: found collector: without a host; expected an address such as http/,
    ],
    [
      '',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://me:hunter2@x/v1/traces' },
      /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: found a login in it; .*OTEL_EXPORTER_OTLP_HEADERS/,
    ],
    [
      '',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1', OTEL_EXPORTER_OTLP_HEADERS: 'Authorization: hunter2' },
      /^OTEL_EXPORTER_OTLP_HEADERS: found something else \(not shown\); expected name=value/,
    ],
    [
      '',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1', OTEL_TRACES_SAMPLER_ARG: '25%' },
      /^OTEL_TRACES_SAMPLER_ARG: found "25%"; expected the part of the turns to trace, 0 to 1/,
    ],
    ['', { TELEGRAM_API_ROOT: 'ftp://x' }, /^TELEGRAM_API_ROOT: .*an address such as/],
    ['', { AGENT_GROUP_CHAT_ID: 'my group' }, /^AGENT_GROUP_CHAT_ID: .*a chat id/],
    ['', { AI_PROVIDER: 'openia' }, /^AI_PROVIDER: found "openia"; .*did you mean "openai"/],
    [
      '',
      { AI_PROVIDER: 'anthropic' },
      /^ANTHROPIC_API_KEY: found nothing, although AI_PROVIDER asks for anthropic; expected the key/,
    ],
    [
      '',
      { AI_PROVIDER: 'compatible', AI_MODEL: 'x' },
      /^COMPATIBLE_BASE_URL: found nothing, although AI_PROVIDER asks for compatible; expected the address/,
    ],
    [
      '',
      { COMPATIBLE_BASE_URL: 'http://127.0.0.1:1/v1' },
      /^AI_MODEL: found nothing, although COMPATIBLE_BASE_URL asks for compatible/,
    ],
    [
      '',
      { COMPATIBLE_BASE_URL: '127.0.0.1:11434/v1', AI_MODEL: 'llama3.2' },
      /^COMPATIBLE_BASE_URL: found "127\.0\.0\.1:11434\/v1"; expected an address such as http/,
    ],
    ['', { OPENAI_API_KEY: 'sk two' }, /^OPENAI_API_KEY: found \*\*\* .*without spaces/],
    ['', { OPENAI_BASE_URL: 'api' }, /^OPENAI_BASE_URL: found "api"/],
    [
      '',
      { OPENAI_API_KEY: 'k', AI_MODEL: 'gpt-4o,b' },
      /^AI_MODEL: found "gpt-4o, b"; expected a model for each/,
    ],
    ['', { OPENAI_API_KEY: 'k', AI_PRICE: '1/2,3/4' }, /^AI_PRICE: found "1\/2, 3\/4"; expected a price for/],
    [
      '',
      { OPENAI_API_KEY: 'k', AI_PRICE: 'cheap' },
      /^AI_PRICE: found "cheap"; expected input\/cached input/,
    ],
    ['', { OPENAI_API_KEY: 'k', AI_PRICE: '1/2/3' }, /^AI_PRICE: found "1\/2\/3"; expected input/],
    [
      '',
      { OPENAI_API_KEY: 'k', AI_MODEL: 'gpt-new' },
      /^AI_PRICE: found nothing for openai\/gpt-new, whose price .*; expected its price here, .*models\.chain.*Is the name right\? Known: gpt-5/,
    ],
    [
      '',
      { COMPATIBLE_BASE_URL: 'http://10.0.0.7/v1', COMPATIBLE_API_KEY: 'k', AI_MODEL: 'x' },
      /^AI_PRICE: found nothing for compatible\//,
    ],
    [
      'models: { chain: [{ provider: openai, price: { input: 1, cached_input: 2, output: 3 } }] }',
      { OPENAI_API_KEY: 'k' },
      /^models\.chain\[0\]\.price .*cached_input at most input/,
    ],
    ['models: { budget: { daily: -1 } }', {}, /^models\.budget\.daily .*a number from 0/],
    [
      '',
      { LLM_DAILY_BUDGET_USD: 'unlimited' },
      /^LLM_DAILY_BUDGET_USD: found "unlimited"; expected a number/,
    ],
    ['models: { budget: { warn_at: 80 } }', {}, /^models\.budget\.warn_at .*a number from 0\.01 to 1/],
    ['timezone: Europe/Atlantis', {}, /^timezone .*a time zone such as Europe\/Berlin/],
    [
      'models: { chain: [{ provider: google }] }',
      {},
      /^GOOGLE_API_KEY: found nothing, although models\.chain asks for google/,
    ],
    ['models: { backoff: { first: 20s } }', {}, /^models\.backoff\.first .*at most models\.backoff\.longest/],
    ['pipeline: { lease: 61s }', {}, /^pipeline\.lease .*61s.*a duration with its unit, from 1s to 1m/],
    ['pipeline: { sweep: 1m }', {}, /^pipeline\.sweep .*less than pipeline\.lease/],
    ['', { PARLEY_CONFIG: 'nowhere.yaml' }, /nowhere\.yaml: found no file;/],
  ]
  test.each(cases)('%j %o', (yaml, env, problem) => {
    write(yaml)
    const found = problems(env)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(problem)
  })

  test('all of them at once, those of combinations too, and no secret in any', () => {
    write('server: { prot: 1 }\nbot: { name: 7 }\nmodels: { backoff: { first: 20s } }')
    const found = problems({
      PORT: 'x',
      TELEGRAM_BOT_TOKEN: 'hunter2',
      SECRET_KEY: 'hunter2',
      AI_PROVIDER: 'x',
    })
    expect(found).toHaveLength(7)
    expect(found.join()).not.toContain('hunter2')
  })

  test('of a model, too', () => {
    write('')
    const openai = problems({ AI_PROVIDER: 'openai', AI_MODEL: 'gpt-new' })
    expect(openai.map((line) => line.split(':', 1)[0])).toEqual(['OPENAI_API_KEY', 'AI_PRICE'])
    const own = problems({ AI_PROVIDER: 'compatible' })
    expect(own.map((line) => line.split(':', 1)[0])).toEqual(['COMPATIBLE_BASE_URL', 'AI_MODEL'])
  })

  test('the FAQ is looked into, for no languages where those of the bot may be others than meant', () => {
    writeFileSync(join(cwd, 'faq.yaml'), '')
    const found = () => {
      const faqProblems = (path: string, languages: readonly string[]) => [
        { setting: path, found: `it for ${languages.join()}`, expected: '' },
      ]
      const result = loadConfig({ env: {}, cwd, faqProblems })
      return 'problems' in result ? result.problems.map(formatProblem).at(-1) : ''
    }
    write('bot: { faq: faq.yaml, languages: [ru] }\nx: 1')
    expect(found()).toMatch(/faq\.yaml: found it for ru;/)
    write('bot: { faq: faq.yaml, langages: [ru] }')
    expect(found()).toContain('found it for ;')
  })

  test('an alias inside its own anchor is refused', () => {
    write('bot:\n  admins: &a [*a]')
    expect(problems().join()).toMatch(/none inside its own anchor/)
  })

  test('a bomb of aliases is refused', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`,
    )
    write(`a0: &a0 [x]\n${levels.join('\n')}`)
    expect(problems().join()).toMatch(/without a pile of aliases/)
  })
})

describe('models', () => {
  test('keys alone: the providers in their order; AI_PROVIDER: in its order; AI_MODEL by place', () => {
    write('')
    const keys = { OPENAI_API_KEY: 'a', ANTHROPIC_API_KEY: 'b' }
    const names = (env: Record<string, string>) =>
      configOf(env).models.chain.map(({ provider, model }) => `${provider}/${model}`)
    expect(names(keys)).toEqual(['anthropic/claude-haiku-4-5', 'openai/gpt-5.4-mini'])
    expect(names({ ...keys, AI_PROVIDER: 'openai, anthropic', AI_MODEL: ',x', AI_PRICE: ',1/2' })).toEqual([
      'openai/gpt-5.4-mini',
      'anthropic/x',
    ])
  })

  test('a compatible endpoint needs no key, and on the own network no price', () => {
    write('')
    const chain = configOf({ COMPATIBLE_BASE_URL: 'http://127.0.0.1:11434/v1/', AI_MODEL: 'llama' }).models
      .chain
    expect(chain).toEqual([
      {
        provider: 'compatible',
        model: 'llama',
        apiKey: '',
        baseUrl: 'http://127.0.0.1:11434/v1',
        price: { input: 0, cachedInput: 0, output: 0 },
      },
    ])
  })

  test('the chain of the file, its addresses beaten by the environment', () => {
    write(
      'models: { chain: [{ provider: openai, model: m, base_url: "https://a.example", price: free }, { provider: google }] }',
    )
    const chain = configOf({ OPENAI_API_KEY: 'k', GOOGLE_API_KEY: 'g', OPENAI_BASE_URL: 'https://b.example' })
      .models.chain
    expect(chain.map(({ provider, model, baseUrl }) => [provider, model, baseUrl])).toEqual([
      ['openai', 'm', 'https://b.example'],
      ['google', 'gemini-3.5-flash', undefined],
    ])
  })

  test('an address of the file in whatever letters', () => {
    write(
      'models: { chain: [{ provider: compatible, model: m, base_url: "Http://127.0.0.1:8000/v1", price: free }] }',
    )
    expect(configOf().models.chain).toMatchObject([{ baseUrl: 'Http://127.0.0.1:8000/v1' }])
  })

  test('prices: of the environment, else of the file, else of the list; in micro-dollars for a million', () => {
    const chain = '{ provider: openai, price: { input: 3, output: 15 } }, { provider: google }'
    write(`models: { chain: [${chain}] }`)
    const prices = (env: Record<string, string> = {}) =>
      configOf({ OPENAI_API_KEY: 'k', GOOGLE_API_KEY: 'g', ...env }).models.chain.map(({ price }) => price)
    expect(prices()).toEqual([
      { input: 3_000_000, cachedInput: 3_000_000, output: 15_000_000 },
      { input: 1_500_000, cachedInput: 150_000, output: 9_000_000 },
    ])
    const env = { AI_PROVIDER: 'openai,google', AI_PRICE: '0.0028/0.07,free' }
    expect(prices(env)).toEqual([
      { input: 2800, cachedInput: 2800, output: 70_000 },
      { input: 0, cachedInput: 0, output: 0 },
    ])
    // A model of the environment takes the file's price of its provider along, as it does the address.
    expect(prices({ AI_PROVIDER: 'openai', AI_MODEL: 'gpt-new' })).toMatchObject([{ output: 15_000_000 }])
  })

  test('the budget is 100 USD a day unless told otherwise, never rounded up', () => {
    write('')
    const budget = (env = {}) => configOf(env).models.budget
    expect(budget()).toEqual({ dailyMicroUsd: 100_000_000, warnAtMicroUsd: 80_000_000 })
    expect(budget({ LLM_DAILY_BUDGET_USD: '0.0000019' }).dailyMicroUsd).toBe(1)
    expect(budget({ LLM_DAILY_BUDGET_USD: '0' })).toEqual({ dailyMicroUsd: 0, warnAtMicroUsd: 0 })
    write('models: { budget: { daily: 2.5, warn_at: 0.5 } }')
    expect(budget()).toEqual({ dailyMicroUsd: 2_500_000, warnAtMicroUsd: 1_250_000 })
  })
})
