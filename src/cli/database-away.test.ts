import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { compiled } from '../../test/support/compiled.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/databases.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 30_000 })

const main = join(import.meta.dirname, '../main.ts')
const password = 'a-fake-word-of-tests'
let folder: string
let database: TestDatabase
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-away-'))
  writeFileSync(join(folder, 'parley.yaml'), '')
  database = await createTestDatabase()
}, 60_000)
afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

interface Ended {
  code: number
  /** Both outputs. */
  output: string
}

function parley(args: string[], url: string): Promise<Ended> {
  const env = {
    PATH: '/usr/bin:/bin',
    NODE_COMPILE_CACHE: compiled,
    NO_COLOR: '1',
    PORT: '0',
    DATABASE_URL: url,
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    )
  })
}

/** The URL of the test's database with other parts. */
function urlWith(parts: Partial<Pick<URL, 'host' | 'password' | 'pathname' | 'username'>>): string {
  return Object.assign(new URL(database.url), { password, ...parts }).href
}

const commands = ['migrate status', 'migrate up', 'migrate down --yes', 'handoffs', 'call hello', 'start']

test.each(commands)('%s with nothing at the port: two lines and a failure', async (command) => {
  const { code, output } = await parley(
    command.split(' '),
    urlWith({ host: '127.0.0.1:1', pathname: '/shop' }),
  )
  expect(output).toBe(
    'Cannot reach database "shop" at 127.0.0.1:1: nothing listens there (ECONNREFUSED)\n' +
      '→ start PostgreSQL, or correct host and port in DATABASE_URL\n',
  )
  expect(code).toBe(1)
})

const kinds: [string, () => string, RegExp][] = [
  [
    'a wrong password',
    () => urlWith({}),
    /Cannot use database "test_\w+" at [\d.:]+: the password of user "postgres" is/,
  ],
  [
    'no password',
    () => urlWith({ password: '' }),
    /: the server asks for a password of user "postgres"\n→ put /,
  ],
  [
    'no such database',
    () => new URL('/nowhere', database.url).href,
    /database "nowhere".*no such database\n→ create it/,
  ],
  [
    'an unknown host',
    () => urlWith({ host: 'db.invalid:5432' }),
    /at db\.invalid:5432: this host is not known/,
  ],
]

test.each(kinds)('%s', async (_kind, url, expected) => {
  // The one uses the migrator's connection, the other the store's.
  for (const command of [['migrate', 'status'], ['handoffs']]) {
    const { code, output } = await parley(command, url())
    expect(output).toMatch(expected)
    expect(output.split('\n')).toHaveLength(3)
    expect(output).not.toContain(password)
    expect(output).not.toContain(new URL(database.url).password)
    expect(code).toBe(1)
  }
})

test('doctor says it beside its other checks', async () => {
  const { code, output } = await parley(['doctor'], urlWith({}))
  expect(output).toMatch(
    /FAIL +database +Cannot use .* the password of user "postgres" is refused\n +→ correct user/,
  )
  expect(output).not.toContain(password)
  expect(code).toBe(1)
})

test('a server that never answers is given up', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { code, output } = await parley(['migrate', 'status'], urlWith({ host: `127.0.0.1:${port}` }))
  silent.close()
  expect(output).toMatch(/: no answer\n→ check host and port in DATABASE_URL/)
  expect(code).toBe(1)
})

test('a database without a schema', async () => {
  expect(await parley(['handoffs'], database.url)).toMatchObject({
    code: 1,
    output: expect.stringContaining('lacks migrations'),
  })
})
