import { mkdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMigrations, openStore } from '../../src/store/open.ts'
import { backupLeases } from '../../src/store/store.ts'
import { isMoved } from '../../src/store/transfer-tables.ts'
import { bootApp } from '../support/app.ts'
import { createHome, type Ended, runCommand, startCommand } from '../support/backup-command.ts'
import { addMessages, fillEveryTable } from '../support/fill.ts'
import { previousSchema } from '../support/next-schema.ts'
import { execute, query } from '../support/sql.ts'
import { createDatabase } from '../support/stores.ts'

/** The long form: MESSAGES=1000000. */
const messages = Number(process.env.MESSAGES ?? 20_000)

type Options = Awaited<ReturnType<typeof createDatabase>>['options']

let home: string
let source: Options
let target: Options
let env: Record<string, string>
const undo: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  const [place, database] = [await createHome(), await createDatabase('postgres')]
  undo.push(place.remove, database.drop)
  home = place.home
  mkdirSync(join(home, 'data'))
  source = { kind: 'sqlite', path: join(home, 'data/parley.db') }
  target = database.options
  env = { DATABASE_URL: 'url' in target ? target.url : '' }
  await migrated(source)
})
afterEach(async () => {
  for (const work of undo.splice(0).toReversed()) await work()
})

async function migrated(options: Options): Promise<void> {
  const migrations = await createMigrations(options)
  await migrations.up()
  await migrations.close()
}

const pathOf = (options: Options): string => ('path' in options ? options.path : '')
const move = (...args: string[]): Promise<Ended> => runCommand(home, ['migrate-data', ...args], env)

const one = async (options: Options, sql: string): Promise<Record<string, unknown>> =>
  (await query<Record<string, unknown>>(options, sql))[0] ?? {}

const movedSoFar = (): Promise<number> =>
  one(target, 'select sum(rows) as sum from transfer_bookmarks').then(
    ({ sum }) => Number(sum ?? 0),
    () => 0,
  )

/** Counted and added up by the databases themselves. */
const sums =
  'select count(*) as count, sum(seq) as seq, sum(length(text)) as letters, sum(created_at) as at from messages'

/** The most memory a process had, in MB. */
function memoryOf(pid = 0): number {
  try {
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Math.round(Number(kilobytes) / 1024)
  } catch {
    return 0 // It has ended.
  }
}

/** From here on each batch takes its time: on a busy machine all would be moved between two looks. */
async function slowDown(): Promise<void> {
  await execute(
    target,
    `create function rest() returns trigger language plpgsql as 'begin perform pg_sleep(0.05); return null; end'`,
  )
  const trigger = 'create trigger rest after insert or update on transfer_bookmarks execute function rest()'
  await vi.waitFor(() => execute(target, trigger), { timeout: 60_000, interval: 5 })
}

/** Killed when so much was moved. */
async function interrupted(rows: number): Promise<void> {
  const { child, ended } = startCommand(home, ['migrate-data'], env)
  await expect.poll(movedSoFar, { timeout: 120_000, interval: 5 }).toBeGreaterThanOrEqual(rows)
  child.kill('SIGKILL')
  expect((await ended).signal).toBe('SIGKILL')
}

const tableNames = async (): Promise<string[]> =>
  (
    await query<{ name: string }>(
      target,
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    )
  ).map(({ name }) => name)

test('killed twice in the middle it goes on, and both sides are the same to the last bit', async () => {
  fillEveryTable(pathOf(source), 50)
  addMessages(pathOf(source), messages)
  const before = await one(source, sums)
  await Promise.all([interrupted(messages * 0.2), slowDown()])
  const first = await movedSoFar()
  expect(first).toBeLessThan(messages)
  // Nobody works on half of the data.
  const store = await openStore(target, { onConnectionError: () => undefined })
  await expect(store.check()).rejects.toThrow(/Run: parley migrate-data/)
  await store.close()
  await interrupted(messages * 0.6)
  expect(await movedSoFar()).toBeGreaterThan(first)
  expect(await movedSoFar()).toBeLessThan(messages)

  const { child, ended } = startCommand(home, ['migrate-data', '--json'], env)
  let peakMb = 0
  const look = setInterval(() => (peakMb = Math.max(peakMb, memoryOf(child.pid))), 50)
  const { code, stdout, stderr } = await ended.finally(() => clearInterval(look))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { ok, tables } = JSON.parse(stdout)
  expect(ok).toBe(true)
  // A new table is moved by itself; this one would have no row yet if nothing filled it.
  expect(tables.map(({ name }: { name: string }) => name).toSorted()).toEqual(
    (await tableNames()).filter(isMoved),
  )
  for (const { source: here, target: there } of tables) {
    expect(here).toEqual(there)
    expect(here.rows).toBeGreaterThanOrEqual(50)
  }
  const there = await one(target, sums)
  expect(Object.values(there).map(Number)).toEqual(Object.values(before).map(Number))
  expect(await one(source, sums)).toEqual(before)
  expect(Number(there['count'])).toBe(messages + 50)
  expect(await tableNames()).not.toContain('transfer_bookmarks')
  expect(peakMb).toBeLessThan(400)
  if (process.env.MESSAGES) process.stdout.write(`${stdout}\npeak ${peakMb} MB\n`)
}, 900_000)

test('a conversation goes on after it; what differs is found later', async () => {
  const settings = { env: { DATABASE_PATH: pathOf(source) } }
  const old = await bootApp(settings)
  await old.app.call('/help', () => undefined)
  await old.close()
  const { code, stdout } = await move()
  expect(code).toBe(0)
  expect(stdout).toMatch(/table +rows .*\n(.*\n)* +messages +2 +2 +([0-9a-f]{12}) +\2 +same/)
  expect(stdout).toMatch(/rows, the same on both sides/)
  // Who has not seen that gives the command again.
  const again = { code: 0, stdout: expect.stringMatching(/^All was moved to the database already: /) }
  expect(await move()).toMatchObject(again)
  const verified = await move('--verify')
  expect(verified).toMatchObject({ code: 0, stderr: '' })
  await execute(target, `update messages set text = text || ' ' where seq = 2`)
  const differs = await move('--verify')
  expect(differs.code).toBe(1)
  expect(differs.stdout).toMatch(/Not the same: messages\n/)
  // What was written to the database since changes nothing about that; what was written to the file does.
  expect(await move()).toMatchObject(again)
  const back = await bootApp(settings)
  await back.app.call('/help', () => undefined)
  await back.close()
  expect((await move()).stderr).toMatch(/not empty: .*\n→ if the file was moved here and the bot has run/)
  const now = await bootApp({ env })
  undo.push(now.close)
  expect((await now.app.call('/help', () => undefined)).replies).not.toEqual([])
})

test('who goes over to an empty database without moving is told so, as long as it can still be moved', async () => {
  const toldByDoctor = async (): Promise<object[]> => {
    const { checks } = JSON.parse((await runCommand(home, ['doctor', '--json'], env)).stdout)
    return checks.filter(({ name }: { name: string }) => name === 'database' || name === 'schema')
  }
  const toldByStart = async (): Promise<string> => {
    const { child, ended } = startCommand(home, ['start'], { ...env, PORT: '0' })
    let said = ''
    child.stdout?.on('data', (bytes: Buffer) => (said += bytes.toString()))
    await expect.poll(() => said, { timeout: 20_000 }).toContain('Ctrl+C stops it')
    child.kill('SIGTERM')
    return (await ended).stdout
  }
  const left = {
    status: 'fail',
    found: expect.stringContaining(`what people wrote until 2026-05-01 is in ${pathOf(source)}`),
    next: expect.stringMatching(/ migrate-data moves it.* if the database was lost since: .* restore brings/),
  }
  expect(await toldByDoctor()).not.toContainEqual(expect.objectContaining(left))
  const old = await bootApp({ env: { DATABASE_PATH: pathOf(source) } })
  await old.app.call('/help', () => undefined)
  await old.close()
  const longAgo = new Date('2026-05-01T12:00:00Z')
  utimesSync(pathOf(source), longAgo, longAgo)
  expect(await toldByDoctor()).toMatchObject([left])
  for (const command of ['backup', 'outbox', 'handoffs', 'contacts', 'budget']) {
    const { code, stderr } = await runCommand(home, [command], env)
    expect([command, code, stderr]).toEqual([
      command,
      1,
      expect.stringMatching(/is in \S+ \(.*\n→ .* migrate-data/),
    ])
    expect(stderr).not.toMatch(/start the bot|migrate up/)
  }
  const tried = await runCommand(home, ['call', 'hello'], env)
  expect([tried.code, tried.stderr]).toEqual([2, expect.stringMatching(/^nobody has written /)])
  const refused = await runCommand(home, ['start'], { ...env, PORT: '0' })
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/^nobody has written .*\n→ .* migrate-data moves it/),
  ])
  expect(await toldByDoctor()).toMatchObject([left])
  await execute(target, `insert into leases (name, holder, until) values ('of-a-server', 'b', 1)`)
  expect(await move()).toMatchObject({ code: 0, stderr: '' })
  expect(await toldByDoctor()).toMatchObject([{ status: 'ok' }, { status: 'ok' }])
  expect(await toldByStart()).not.toContain('nobody has written')
})

test('who went back to the file after a move is not left with the older copy of it', async () => {
  const write = async (options: Options): Promise<void> => {
    const bot = await bootApp({ env: 'url' in options ? env : { DATABASE_PATH: pathOf(options) } })
    await bot.app.call('/help', () => undefined)
    await bot.close()
  }
  await write(source)
  expect((await move()).code).toBe(0)
  // The same on both sides, then the database is ahead.
  await write(target)
  await write(source)
  const refused = await runCommand(home, ['start'], { ...env, PORT: '0' })
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(
      /^what people wrote last, .* has an older copy .*\n→ .*an empty database in DATABASE_URL/,
    ),
  ])
  const { checks } = JSON.parse((await runCommand(home, ['doctor', '--json'], env)).stdout)
  expect(checks).toContainEqual(
    expect.objectContaining({
      name: 'database',
      status: 'fail',
      found: expect.stringContaining('an older copy'),
    }),
  )
})

test('an installation nobody has written to moves as well', async () => {
  const { code, stdout } = await move()
  expect([code, stdout]).toEqual([0, expect.stringContaining('rows, the same on both sides')])
})

test('while a server works on either side it is refused', async () => {
  const running = await bootApp({ env: { DATABASE_PATH: pathOf(source) } })
  const here = await move()
  await running.close()
  expect(here.stderr).toMatch(
    /parley\.db cannot be read alone: A server or a command works on it .*\n→ stop it first \(Ctrl\+C in its terminal, /,
  )
  const url = new URL(env['DATABASE_URL'] ?? '')
  // Whatever the address calls its sessions.
  url.searchParams.set('application_name', 'acme')
  const other = await bootApp({ env: { DATABASE_URL: url.href } })
  const there = await move()
  await other.close()
  expect(there.stderr).toMatch(
    /^A server runs on the database \(\d+ connections\) .*\n→ stop it first \(Ctrl\+C /,
  )
  expect([here.code, there.code]).toEqual([1, 1])
})

test('a database that somebody uses, or something else, is left exactly as it was', async () => {
  // An older version works on it.
  const old = await createMigrations(target, previousSchema)
  await old.up()
  await old.close()
  const tables = await tableNames()
  const applied = () => query(target, 'select name from kysely_migration order by name')
  const before = await applied()
  const client = new pg.Client({ connectionString: env['DATABASE_URL'], application_name: 'parley' })
  await client.connect()
  for (const args of [[], ['--verify']])
    expect((await move(...args)).stderr).toMatch(/^A server runs on the database/)
  await client.end()
  await move('--verify')
  expect(await applied()).toEqual(before)
  expect(await tableNames()).toEqual(tables)

  const other = await createDatabase('postgres')
  undo.push(other.drop)
  target = other.options
  env = { DATABASE_URL: 'url' in target ? target.url : '' }
  await move('--verify')
  expect(await tableNames()).toEqual([])
  await execute(target, 'create table orders (id integer)')
  expect((await move()).stderr).toMatch(
    /^The database has other tables already: orders .*\n→ name an empty one/,
  )
  expect(await tableNames()).toEqual(['orders'])
})

test('what was said of backups of the file is not said of the database', async () => {
  const lease = (name: string) =>
    execute(source, `insert into leases (name, holder, until) values ('${name}', '1', 9000000000000)`)
  for (const name of [...Object.values(backupLeases), 'retention']) await lease(name)
  expect((await move()).code).toBe(0)
  expect(await query(target, `select name from leases where name not like 'moved.%'`)).toEqual([
    { name: 'retention' },
  ])
  await execute(
    target,
    `insert into leases (name, holder, until) values ('backup.proven', '1', 9000000000001)`,
  )
  expect((await move('--verify')).code).toBe(0)
})

test('into a database with data, from a file without or behind, to nowhere: refused with the next step', async () => {
  await migrated(target)
  const person = (id: string): string =>
    `insert into contacts (id, channel, platform_id, name, created_at) values ('${id}', 'web', '1', '', 1)`
  await execute(target, person('p'))
  expect(await move()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Nothing to move: nobody has written to .*\nNext: put that file away/),
  })
  await execute(source, person('q'))
  expect((await move()).stderr).toMatch(
    /not empty: there are rows in contacts .*\n→ .*; else name an empty database in DATABASE_URL/,
  )
  expect((await move('--restart')).stderr).toMatch(/not empty/)
  expect((await move('--from', 'nowhere.db')).stderr).toMatch(
    /no database at .*nowhere\.db\n→ name the file with --from/,
  )
  const nowhere = await runCommand(home, ['migrate-data'])
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringMatching(/→ set DATABASE_URL/) })
})

test('a file that an older version left is brought up to date first; one of another program is not touched', async () => {
  fillEveryTable(pathOf(source), 20)
  const before = await one(source, sums)
  const migrations = await createMigrations(source)
  await migrations.down(1)
  await migrations.close()
  const behind = await move('--verify')
  expect(behind).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/lacks migrations of this version .*\n→ compare with/),
  })
  expect(await move()).toMatchObject({ code: 0, stdout: expect.stringMatching(/the same on both sides/) })
  const there = await one(target, sums)
  expect(Object.values(there).map(Number)).toEqual(Object.values(before).map(Number))
  expect(Number(there['count'])).toBe(20)

  const foreign = { kind: 'sqlite' as const, path: join(home, 'other.db') }
  new BetterSqlite3(foreign.path).exec('create table notes (text)').close()
  expect(await move('--from', foreign.path)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is no database of Parley .*\n→ name the file with --from/),
  })
  expect(await query(foreign, 'select name from sqlite_master')).toEqual([{ name: 'notes' }])
})

test('another file does not go on with what was begun; it begins anew when told to', async () => {
  fillEveryTable(pathOf(source), 20)
  addMessages(pathOf(source), 12_000)
  await interrupted(3000)
  const other = await createDatabase('sqlite')
  undo.push(other.drop)
  await migrated(other.options)
  fillEveryTable(pathOf(other.options), 10)
  const refused = await move('--from', pathOf(other.options))
  expect(refused.stderr).toMatch(/a part of the data of another file.*\n→ .*--restart/)
  expect(await move('--verify')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /a part of the data only: .* interrupted .*\n→ .* migrate-data goes on with it/,
    ),
  })
  const { code, stdout } = await move('--from', pathOf(other.options), '--restart', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout).tables.map(({ target: { rows } }: { target: { rows: number } }) => rows)).toEqual(
    Array(9).fill(10),
  )
})

test('a file that was changed in between is noticed', async () => {
  fillEveryTable(pathOf(source), 20)
  addMessages(pathOf(source), 12_000)
  await interrupted(3000)
  await execute(source, `update messages set text = 'changed' where seq = 0`)
  const { code, stderr } = await move()
  expect(code).toBe(1)
  expect(stderr).toMatch(/Not the same on both sides: messages\..*\n→ .*--restart/)
  expect((await move('--restart')).code).toBe(0)
})

test('numbers that the database gives by itself go on after those moved', async () => {
  await migrated(target)
  await execute(source, 'create table counted (id integer primary key, text text)')
  await execute(target, 'create table counted (id bigserial primary key, text text)')
  await execute(source, `insert into counted (id, text) values (7, 'seven'), (41, 'x')`)
  expect((await move()).code).toBe(0)
  await execute(target, `insert into counted (text) values ('next')`)
  expect(await one(target, 'select max(id) as id from counted')).toEqual({ id: '42' })
})
