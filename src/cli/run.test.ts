import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { compiled } from '../../test/support/compiled.ts'
import { loadConfig } from '../config/load.ts'
import { renderConfiguration } from './init/template.ts'
import { programName } from './spelling.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 30_000 })

const main = join(import.meta.dirname, '../main.ts')

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'parley-cli-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

const env = (more: Record<string, string>) => ({
  PATH: '/usr/bin:/bin',
  NODE_COMPILE_CACHE: compiled,
  NO_COLOR: '1',
  ...more,
})

function parley(args: string[], more: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd,
    env: env(more),
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('usage', () => {
  test('no command shows the overview and is wrong usage', () => {
    const { status, stderr, stdout } = parley([])
    expect(stderr + stdout).toContain('run the bot server')
    expect(status).toBe(2)
  })

  test('help is 0; an unknown command is 2 and suggests', () => {
    const { status, stdout } = parley(['--help'])
    expect(stdout).toContain('First steps')
    expect(status).toBe(0)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect(parley(['help', 'doctor'])).toMatchObject({ status: 0, stdout: expect.stringContaining('--json') })
    expect(parley(['dcotor'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Did you mean doctor'),
    })
    expect(parley(['migrate', 'down', 'x'])).toMatchObject({ status: 2 })
    expect(parley(['doctor', '--port', '70000'])).toMatchObject({ status: 2 })
  })

  test('an error names the help of its command', () => {
    expect(parley(['nonsense']).stderr).toBe(`error: unknown command 'nonsense'\n→ ${programName} --help\n`)
    expect(parley(['migrate', 'down', 'x']).stderr).toContain(`\n→ ${programName} migrate down --help\n`)
  })

  test('the steps of an error are of the bot that was named', () => {
    writeFileSync(join(cwd, 'parley.yaml'), '')
    const next = (...args: string[]) =>
      parley(['drill', ...args])
        .stderr.split('\n')
        .at(1)
    expect(next()).toBe(`→ ${programName} backup takes one`)
    for (const named of [['-c', cwd], [`--config=${cwd}`]])
      expect(next(...named)).toBe(`→ ${programName} backup -c ${cwd} takes one`)
  })

  test('an option that npm took away is told with what to write', () => {
    const { status, stderr } = parley(['start', '9000'], { npm_config_port: 'true' })
    expect(stderr).toContain('→ npm took an option for its own; write: PORT=9000 npm start\n')
    expect(status).toBe(2)
    expect(parley(['start', '9000']).stderr).not.toContain('npm took')
  })

  test('version for people and machines', () => {
    expect(parley(['version']).stdout).toMatch(/^Parley \d/)
    expect(JSON.parse(parley(['version', '--json']).stdout)).toMatchObject({
      node: process.versions.node,
      builtAt: null,
    })
  })
})

test('of two on one port the second says that Parley is there already', async () => {
  const child = spawn(process.execPath, [main, 'start'], { cwd, env: env({ PORT: '0' }) })
  const output = collect(child)
  try {
    await vi.waitFor(() => expect(output()).toContain('Ctrl+C stops it'), { timeout: 20_000 })
    const port = /127\.0\.0\.1:(\d+)/.exec(output())?.[1] ?? ''
    const { status, stderr } = await run(['start'], { PORT: port, DATA_DIR: 'other' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/Parley [\d.]+ runs already on 127\.0\.0\.1/)
  } finally {
    child.kill('SIGTERM')
  }
})

test('a key that is refused is told to whoever tries the bot out, beside the answer', async () => {
  const refusing = createServer((_, response) =>
    response.writeHead(401).end(JSON.stringify({ error: { message: 'invalid x-api-key' } })),
  )
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
  const address = refusing.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const settings = { ANTHROPIC_API_KEY: 'sk-fake', ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` }
  try {
    const { stdout, stderr } = await run(['call', 'why is the sky blue?'], settings)
    expect(stdout).toContain('not available at the moment')
    expect(stdout).not.toContain('refuses the key')
    expect(stderr).toMatch(
      new RegExp(`anthropic.*refuses the key[^]*→ ${programName} doctor says what to do`),
    )
  } finally {
    refusing.close()
  }
})

test('the question of the README is answered on a fresh clone as well as after init', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const question = /-- call "(.*)"/.exec(readme)?.[1] ?? expect.unreachable()
  expect(parley(['call', question]).stdout).toContain('people answer within')
  parley(['init'])
  expect(parley(['call', question]).stdout).toContain('Monday to Friday')
})

describe('init', () => {
  test('where nothing can be written says so, and ends', () => {
    const refused = parley(['init', '--folder', '/proc/x'])
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(/^Cannot write: .*\/proc\/x'\n→ --folder/)
  })

  test('writes files that load without a problem, once', () => {
    const name = 'Ac: "me" #1'
    expect(parley(['init', '--name', name, '--languages', 'ru,en']).status).toBe(0)
    const loaded = loadConfig({ env: {}, cwd })
    expect(loaded).toMatchObject({
      config: { bot: { name, languages: ['ru', 'en'] } },
    })
    const again = parley(['init'])
    expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('--force') })
  })

  test('says how to run the bot, wherever it is', () => {
    const here = parley(['init']).stdout
    expect(here).toMatch(new RegExp(`${programName} start +to run it`))
    expect(here).toContain('runs here on the example goes on with it: restart it')
    const elsewhere = parley(['init', '--folder', 'a bot'])
    expect(elsewhere.stdout).toContain(`${programName} start -c "${join(cwd, 'a bot')}"`)
    expect(readFileSync(join(cwd, 'a bot/parley.yaml'), 'utf8')).toContain(
      `Check with: ${programName} doctor -c "${join(cwd, 'a bot')}"\n`,
    )
    expect(elsewhere.stdout).toContain(`the data of the bot will lie in ${join(cwd, 'a bot/data')}`)
    writeFileSync(join(cwd, 'file'), '')
    expect(parley(['init', '--folder', 'file/bot'])).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Cannot write: ENOTDIR.*\n→ --folder names another place\n$/),
    })
  })

  test('a bot in a folder of its own leaves the data of others alone, and reads its own .env', () => {
    parley(['init', '--folder', 'bot', '--name', 'Own'])
    writeFileSync(join(cwd, 'bot/.env'), 'PORT=0\nTELEGRAM_BOT_TOKEN=hunter2')
    expect(parley(['migrate', 'up', '-c', 'bot'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('TELEGRAM_BOT_TOKEN: found'),
    })
    rmSync(join(cwd, 'bot/.env'))
    expect(parley(['migrate', 'up', '-c', 'bot']).status).toBe(0)
    expect(readdirSync(cwd)).toEqual(['bot'])
    expect(readdirSync(join(cwd, 'bot'))).toContain('data')
  })

  test('every setting it comments out is a valid one', () => {
    const text = renderConfiguration({ name: 'A', persona: 'B', languages: ['en'] })
    writeFileSync(join(cwd, 'faq.yaml'), '')
    const sections = text.slice(text.indexOf('# telegram:'))
    const uncommented = sections.replace(/^# /gm, '')
    const bot = text
      .slice(0, text.indexOf('# telegram:'))
      .replace(/^( +)# (?=buttons:| {2}- \{ label)/gm, '$1')
    writeFileSync(join(cwd, 'parley.yaml'), `${bot}${uncommented}`)
    const keys = { ANTHROPIC_API_KEY: 'sk-1', OPENAI_API_KEY: 'sk-2' }
    const loaded = loadConfig({ env: keys, cwd })
    expect(loaded).not.toHaveProperty('problems')
    expect(loaded).toMatchObject({
      config: { bot: { welcome: { buttons: [{ action: 'faq:general-hours' }, { action: '/help' }] } } },
    })
    for (const section of ['limits:', 'retention:', '  chain:']) expect(uncommented).toContain(`\n${section}`)
  })
})

describe('with a wrong configuration', () => {
  beforeEach(() => writeFileSync(join(cwd, 'parley.yaml'), 'server: { prot: 1 }'))
  const wrong = { TELEGRAM_BOT_TOKEN: 'hunter2' }

  test.each([['start'], ['migrate', 'status']])('%s %s lists every problem', (...args) => {
    const { status, stderr } = parley(args, wrong)
    expect(status).toBe(2)
    expect(stderr).toContain('2 problems')
    expect(stderr).toContain('did you mean "port"')
    expect(stderr).not.toContain('hunter2')
  })

  test('doctor says so in words and in JSON', () => {
    expect(parley(['doctor'], wrong)).toMatchObject({ status: 1, stdout: expect.stringContaining('FAIL') })
    const { ok, checks } = JSON.parse(parley(['doctor', '--json'], wrong).stdout)
    expect(ok).toBe(false)
    expect(checks).toHaveLength(2)
  })
})

test('faults of the FAQ file are listed with the other problems, before anything is made', () => {
  writeFileSync(join(cwd, 'parley.yaml'), 'bot: { languages: [en], faq: faq.yaml }\nserver: { prot: 1 }')
  writeFileSync(join(cwd, 'faq.yaml'), 'entries: [{ id: a, category: b, related: [c] }]')
  const { status, stderr } = parley(['start'])
  expect(status).toBe(2)
  expect(stderr).toContain('3 problems')
  expect(stderr).toContain('entry "a", en (faq.yaml line 1): found nothing; expected texts in this language')
  expect(stderr).toContain('entry "a", related[0] (faq.yaml line 1): found "c"; expected')
  expect(JSON.parse(parley(['doctor', '--json']).stdout).checks).toHaveLength(3)
  writeFileSync(join(cwd, 'faq.yaml'), 'entries:\n  - id: a\n   b')
  expect(parley(['start']).stderr).toMatch(/faq\.yaml line 3: found .*; expected valid YAML/)
  expect(readdirSync(cwd)).toHaveLength(2)
})

/** Every file below the folder with its content and time, and every folder. */
function everything(): Record<string, string> {
  const paths = readdirSync(cwd, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    paths.map((path) => {
      const found = statSync(join(cwd, path))
      const content = found.isFile() ? readFileSync(join(cwd, path), 'base64') : ''
      return [path, found.isFile() ? `${found.mtimeMs} ${content}` : '']
    }),
  )
}

describe('doctor leaves nothing behind', () => {
  const checksOf = (more: Record<string, string> = {}) => {
    const before = everything()
    const { checks } = JSON.parse(parley(['doctor', '--json'], { PORT: '0', ...more }).stdout)
    expect(everything()).toEqual(before)
    return checks as { name: string; status: string; found: string }[]
  }
  const check = (checks: ReturnType<typeof checksOf>, name: string) =>
    checks.find((each) => each.name === name)

  test('in an empty folder', () => {
    const checks = checksOf()
    expect(check(checks, 'data folder')).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(/will be made/),
    })
    expect(check(checks, 'database')).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(/will be made/),
    })
  })

  test('below something that is no folder', () => {
    writeFileSync(join(cwd, 'data'), '')
    const checks = checksOf({ DATA_DIR: 'data/deeper', SECRET_KEY: 'k3'.repeat(20) })
    const found = expect.stringContaining('is no folder')
    expect(check(checks, 'data folder')).toMatchObject({ status: 'fail', found })
    expect(check(checks, 'database')).toMatchObject({ status: 'fail', found })
  })

  test('beside a database that was used, and one that was never started with', () => {
    parley(['migrate', 'up'])
    expect(check(checksOf(), 'schema')).toMatchObject({ status: 'ok' })
    const path = join(cwd, 'other.db')
    new BetterSqlite3(path).exec('create table gone (id); drop table gone').close()
    expect(check(checksOf({ DATABASE_PATH: path }), 'schema')).toMatchObject({ status: 'skip' })
    writeFileSync(path, '')
    expect(check(checksOf({ DATABASE_PATH: path }), 'schema')).toMatchObject({ status: 'skip' })
  })
})

test('doctor --offline asks nothing outside this machine', () => {
  const more = {
    TELEGRAM_BOT_TOKEN: `123456789:${'A'.repeat(35)}`,
    ANTHROPIC_API_KEY: 'sk-fake',
    DATABASE_URL: 'postgres://parley:x@db.invalid/shop',
    REDIS_URL: 'redis://:x@cache.invalid',
  }
  const { checks } = JSON.parse(parley(['doctor', '--offline', '--json'], { PORT: '0', ...more }).stdout)
  const skipped = checks.filter(({ status }: { status: string }) => status === 'skip')
  expect(skipped.map(({ name }: { name: string }) => name)).toEqual([
    'database',
    'database clock',
    'redis',
    'telegram',
    'address',
    'model',
  ])
  expect(parley(['doctor', '--help']).stdout).toMatch(/fraction of a cent/)
})

describe('with an empty configuration', () => {
  beforeEach(() => writeFileSync(join(cwd, 'parley.yaml'), ''))

  test('migrate: up, status, down, and nothing to do', () => {
    const status = parley(['migrate', 'status']).stdout
    expect(status).toContain('not applied')
    expect(status).toContain(`Next: ${programName} migrate up`)
    expect(parley(['handoffs'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`Run: ${programName} migrate up`),
    })
    expect(parley(['migrate', 'up']).stdout).toMatch(/^applied /)
    expect(parley(['migrate', 'up']).stdout).toBe('Nothing to do.\n')
    expect(parley(['handoffs']).stdout).toBe('Nobody waits for a human.\n')
    expect(parley(['migrate', 'down', 'all'])).toMatchObject({ status: 2, stdout: '' })
    expect(JSON.parse(parley(['migrate', 'down', 'all', '--yes', '--json']).stdout).length).toBeGreaterThan(0)
  })

  test('call answers, and --json tells why', () => {
    const { replies, turn } = JSON.parse(parley(['call', '/help', '--language', 'en', '--json']).stdout)
    expect(replies[0].text).toContain('/start')
    expect(turn.source).toBe('commands')
    expect(parley(['call', ' '])).toMatchObject({ status: 2 })
  })

  test('handoffs makes no database', () => {
    expect(parley(['handoffs'])).toMatchObject({ status: 1, stderr: expect.stringContaining('no database') })
    expect(readdirSync(cwd)).toEqual(['parley.yaml'])
  })

  test('what people wrote is shown as they wrote it', () => {
    parley(['call', 'I want to talk to a human about parley doctor', '--for-team', '--language', 'en'])
    expect(parley(['handoffs']).stdout).toContain('> I want to talk to a human about parley doctor\n')
  })

  test('contacts: somebody is banned, listed and lifted', { timeout: 30_000 }, () => {
    parley(['call', 'hello'])
    expect(parley(['contacts', 'ban', 'terminal:operator', '--for', '2h']).stdout).toMatch(
      /^terminal:operator is not answered until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n/,
    )
    expect(parley(['contacts']).stdout).toMatch(/banned {2}until .* terminal:operator {2}Operator/)
    expect(JSON.parse(parley(['contacts', '--json']).stdout)).toMatchObject([
      { channel: 'terminal', id: 'operator', state: 'banned', until: expect.stringContaining('T') },
    ])
    expect(parley(['contacts', 'lift', 'terminal:operator']).stdout).toContain('is answered again')
    expect(parley(['contacts']).stdout).toBe('Everybody is answered.\n')
    expect(parley(['contacts', 'lift', '42'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('telegram:42 has never written'),
    })
    expect(parley(['contacts', 'ban', '42', '--for', '9y'])).toMatchObject({ status: 2 })
    expect(parley(['contacts', 'ban', '42'], { ADMIN_IDS: '42' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('telegram:42 is an administrator'),
    })
  })

  test('an address left for the team is shown, wherever it was left', () => {
    parley(['call', 'I want to talk to a human', '--for-team', '--language', 'en'])
    // Each call is a conversation of its own, of one person.
    parley(['call', 'my mail is jane@example.org', '--for-team', '--language', 'en'])
    expect(parley(['handoffs']).stdout).toContain(
      '  > my mail is jane@example.org\n  > I want to talk to a human\n',
    )
  })

  test('a call does not add to the list of the team unless asked', () => {
    const { stdout } = parley(['call', 'I want to talk to a human', '--language', 'en'])
    expect(stdout).toMatch(/team[^]*it takes --for-team\.\n$/)
    const left = parley(['call', 'jane@example.org', '--language', 'en']).stdout
    expect(left).toContain('--for-team')
    // As people read it, without the escapes of Markdown.
    expect(left).toContain(' jane@example.org ')
    expect(parley(['handoffs']).stdout).toBe('Nobody waits for a human.\n')
  })

  test('a request is marked as done, and no longer listed', { timeout: 60_000 }, () => {
    const ids = ['A human, please!', 'anna@example.org', 'Human! Now!'].map((text) => {
      parley(['call', text, '--for-team', '--language', 'en'])
      return JSON.parse(parley(['handoffs', '--json']).stdout)[0].id as string
    })
    // One person has one request.
    expect(new Set(ids).size).toBe(1)
    const [id = ''] = ids
    const listed = parley(['handoffs']).stdout
    const short = id.slice(-8)
    expect(listed).toContain(`  ${short}\n  contact: anna@example.org\n  > A human, please!\n\n`)
    expect(listed).toMatch(new RegExp(`\\nAnswered\\? ${programName} handoffs done ${short}\\n$`))
    expect(parley(['handoffs', '-c', '.']).stdout).toContain(`handoffs done ${short} -c .\n`)
    expect(parley(['handoffs', 'done'])).toMatchObject({ status: 2 })
    expect(parley(['handoffs', 'done', 'nobody'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('No open request has the id nobody'),
    })
    expect(parley(['handoffs', 'done', short, short]).stdout).toBe(`${id} is done.\n`)
    expect(parley(['handoffs']).stdout).toBe('Nobody waits for a human.\n')
    parley(['call', 'A human, please!', '--for-team', '--language', 'en'])
    const { done } = JSON.parse(parley(['handoffs', 'done', '--all-shown', '--json']).stdout)
    expect(done).toHaveLength(1)
    expect(done).not.toContain(id)
    expect(parley(['handoffs', 'done', '--all-shown']).stdout).toBe('Nobody waits for a human.\n')
  })

  test('start says where it is and what is missing; SIGTERM ends it with 0', async () => {
    const child = spawn(process.execPath, [main, 'start'], { cwd, env: env({ PORT: '0' }) })
    const output = collect(child)
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    await vi.waitFor(() => expect(output()).toContain('Ctrl+C stops it'), { timeout: 20_000 })
    expect(output()).toMatch(/http:\/\/127\.0\.0\.1:\d+\/chat/)
    expect(output()).toContain('TELEGRAM_BOT_TOKEN')
    writeFileSync(join(cwd, 'parley.yaml'), 'log: { level: warn }')
    child.kill('SIGHUP')
    await vi.waitFor(() => expect(output()).toContain('configuration reloaded'), { timeout: 10_000 })
    expect(output()).not.toContain('restart')
    // What people read comes before what machines do.
    expect(output().indexOf('schema brought')).toBeGreaterThan(output().indexOf('Ctrl+C stops it'))

    writeFileSync(join(cwd, 'parley.yaml'), 'log: { level: info }\nbot: { faq: faq.yaml }\nx: 1')
    writeFileSync(join(cwd, 'faq.yaml'), 'entries: [{ id: 1 }]')
    child.kill('SIGHUP')
    await vi.waitFor(() => expect(output()).toContain('the old one stays'), { timeout: 10_000 })
    const refused =
      output()
        .split('\n')
        .findLast((line) => line.includes('the old one stays')) ?? '{}'
    const { problems } = JSON.parse(refused) as { problems: string[] }
    expect(problems.join('\n')).toMatch(/^x \(.*line 3[^]*faq\.yaml/)
    for (const problem of problems) expect(problem.match(/: found |; expected /g)).toHaveLength(2)
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0] ?? ''
    const health = async () => (await fetch(`${origin}/health`)).json()
    expect(await health()).toMatchObject({
      status: 'degraded',
      checks: { configuration: { status: 'down' } },
    })
    writeFileSync(join(cwd, 'parley.yaml'), 'log: { level: info }')
    child.kill('SIGHUP')
    await vi.waitFor(() => expect(output()).toContain('no problems any more'), { timeout: 10_000 })
    expect(await health()).toMatchObject({ status: 'ok' })

    writeFileSync(join(cwd, 'parley.yaml'), 'log: { level: warn }')
    child.kill('SIGHUP')
    await vi.waitFor(() => expect(output().match(/configuration reloaded/g)).toHaveLength(2), {
      timeout: 10_000,
    })
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(output()).not.toContain('"stopped"')
  }, 30_000)
})

test('start says what cannot be reached, and what to look at', async () => {
  const settings = {
    PORT: '0',
    TELEGRAM_BOT_TOKEN: `123456789:${'A'.repeat(35)}`,
    TELEGRAM_API_ROOT: 'http://127.0.0.1:1',
    REDIS_URL: 'redis://127.0.0.1:1',
  }
  const child = spawn(process.execPath, [main, 'start'], { cwd, env: env(settings) })
  const output = collect(child)
  try {
    await vi.waitFor(() => expect(output()).toContain('Ctrl+C stops it'), { timeout: 20_000 })
    expect(output()).toMatch(/Redis +not reachable: 127\.0\.0\.1:1/)
    expect(output()).toMatch(
      /Telegram +not working: Telegram cannot be reached, ECONNREFUSED: check the network/,
    )
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0] ?? ''
    expect(await (await fetch(`${origin}/health`)).json()).toMatchObject({
      status: 'degraded',
      checks: { telegram: { detail: expect.stringContaining('check the network') } },
    })
    const { channels } = JSON.parse(await (await fetch(`${origin}/api/status`)).text())
    expect(channels).toContainEqual({ name: 'telegram', state: 'down', detail: '', fault: 'unreachable' })
  } finally {
    child.kill('SIGTERM')
  }
}, 30_000)

test('start and the probes say that Telegram refuses the token', async () => {
  const refusing = createServer((_, response) =>
    response.writeHead(401).end(JSON.stringify({ ok: false, error_code: 401, description: 'Unauthorized' })),
  )
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
  const address = refusing.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const token = `123456789:${'A'.repeat(35)}`
  const settings = { PORT: '0', TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: `http://127.0.0.1:${port}` }
  const child = spawn(process.execPath, [main, 'start'], { cwd, env: env(settings) })
  const output = collect(child)
  try {
    await vi.waitFor(() => expect(output()).toContain('Ctrl+C stops it'), { timeout: 20_000 })
    const words = 'Telegram refuses the token (401): set TELEGRAM_BOT_TOKEN'
    expect(output()).toMatch(/Telegram +not working: Telegram refuses the token/)
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0] ?? ''
    expect(await (await fetch(`${origin}/health`)).json()).toMatchObject({
      status: 'degraded',
      checks: { telegram: { status: 'down', detail: words } },
    })
    const { channels } = JSON.parse(await (await fetch(`${origin}/api/status`)).text())
    expect(channels).toContainEqual({ name: 'telegram', state: 'down', detail: '', fault: 'refused' })
    expect(output()).not.toContain(token)
  } finally {
    child.kill('SIGTERM')
    refusing.close()
  }
}, 30_000)

/** A command that this process has to answer meanwhile. */
async function run(args: string[], more: Record<string, string>) {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: env(more) })
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const stdout = collect(child)
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, stdout: stdout(), stderr }
}

function collect(child: ChildProcess): () => string {
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += String(chunk)
  })
  return () => output
}
