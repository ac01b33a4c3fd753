import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootApp } from '../support/app.ts'
import { createEmptyPlace, createHome, runCommand } from '../support/backup-command.ts'
import { createTestDatabase, type TestDatabase } from '../support/databases.ts'
import { query } from '../support/sql.ts'

const user = `parley_${randomBytes(4).toString('hex')}`
const password = randomBytes(8).toString('hex')
let admin: TestDatabase
let home: string
let remove: () => Promise<void>
let env: Record<string, string>

const ask = <R>(sql: string): Promise<R[]> =>
  query<R>({ kind: 'postgres', url: admin.url, poolMin: 0, poolMax: 1 }, sql)

/** As on a server that others look after: a user that owns its database and nothing else. */
beforeAll(async () => {
  admin = await createTestDatabase()
  const name = new URL(admin.url).pathname.slice(1)
  await ask(`create role ${user} login password '${password}'`)
  await ask(`alter database ${name} owner to ${user}`)
  ;({ home, remove } = await createHome())
  const url = Object.assign(new URL(admin.url), { username: user, password })
  env = { DATABASE_URL: url.href }
  await runCommand(home, ['call', '/help'], env)
})
afterAll(async () => {
  await remove()
  const url = admin.url
  await admin.drop()
  const server = Object.assign(new URL(url), { pathname: '/postgres' }).href
  await query({ kind: 'postgres', url: server, poolMin: 0, poolMax: 1 }, `drop role ${user}`)
})

test('a database without tables: said what to do', async () => {
  const empty = await createEmptyPlace('postgres')
  const { code, stderr } = await runCommand(empty.home, ['backup'], empty.env)
  await empty.remove()
  expect(code).toBe(1)
  expect(stderr).toMatch(/^The database has no tables of Parley yet .*\n→ start the bot first/)
})

test('a user who may not make databases: said what to grant, and nothing is kept', async () => {
  const { code, stdout, stderr } = await runCommand(home, ['backup'], env)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toBe(
    `User ${user} may not make the database in which a backup is tried out (BACKUP_FAILED)\n` +
      `→ as administrator of the server: alter role "${user}" createdb\n`,
  )
  expect((await runCommand(home, ['backup', 'list', '--json'], env)).stdout).toContain('"backups": []')
  const daily = { ...env, BACKUP_DAILY_AT: '03:30' }
  expect((await runCommand(home, ['doctor'], daily)).stdout).toContain(`alter role "${user}" createdb`)
})

test('with that an ordinary user takes, drills and restores; tables of others stay where they are', async () => {
  await ask(`alter role ${user} createdb`)
  const taken = await runCommand(home, ['backup'], env)
  expect(taken).toMatchObject({ code: 0, stderr: '' })
  // The tests' server is on this machine, and so is their folder.
  expect(taken.stdout).toContain(
    'It is on the disk of this machine, where the database is, and would be lost with it.',
  )
  expect(await runCommand(home, ['drill'], env)).toMatchObject({ code: 0, stderr: '' })
  expect(
    await ask(`select 1 from pg_database where datname like 'parley\\_drill\\_%'
    and datdba = (select oid from pg_roles where rolname = '${user}')`),
  ).toEqual([])
  await ask('create schema other')
  await ask('create table other.messages (id int)')
  const { code, stdout, stderr } = await runCommand(home, ['restore', '--force'], env)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/What was there is kept: the schema before_\d{4}_\d\d_\d\dt\d{9}z/)
  await ask(/when all is well: (drop schema before_\w+ cascade)\)/.exec(stdout)?.[1] ?? '')
  expect(await ask("select nspname from pg_namespace where nspname like 'before%'")).toEqual([])
  expect(await ask('select 1 from other.messages')).toEqual([])
  expect(await ask('select 1 from public.messages')).toHaveLength(2)
  expect(await runCommand(home, ['call', '/help'], env)).toMatchObject({ code: 0 })
  expect(await runCommand(home, ['backup'], env)).toMatchObject({ code: 0, stderr: '' })
})

test('a server runs whatever name its address gives to sessions', async () => {
  const url = new URL(env['DATABASE_URL'] ?? '')
  url.searchParams.set('application_name', 'acme')
  const booted = await bootApp({ env: { DATABASE_URL: url.href } })
  try {
    await booted.app.call('/help', () => undefined)
    for (const DATABASE_URL of [url.href, env['DATABASE_URL'] ?? '']) {
      const restored = await runCommand(home, ['restore', '--force'], { DATABASE_URL })
      expect(restored).toMatchObject({ code: 1, stdout: '' })
      expect(restored.stderr).toMatch(/^A server runs on this database/)
    }
  } finally {
    await booted.close()
  }
})
