import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatabaseOptions } from '../../src/store/open.ts'
import {
  createEmptyPlace,
  createHome,
  type EmptyPlace,
  killAt,
  runCommand,
  startCommand,
} from '../support/backup-command.ts'
import { runProgram } from '../support/run/program.ts'
import { query } from '../support/sql.ts'
import { databaseKinds } from '../support/stores.ts'
import { createDisk } from './servers/disk.ts'

const betterSqlite = createRequire(import.meta.url).resolve('better-sqlite3')

const hidden = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('.'))

const messagesIn = async (options: DatabaseOptions): Promise<number> =>
  (await query(options, 'select 1 from messages')).length

describe.each(databaseKinds)('killed on %s', (kind) => {
  let place: EmptyPlace
  let folder: string
  beforeAll(async () => {
    place = await createEmptyPlace(kind)
    folder = join(place.home, 'data/backups')
    await runCommand(place.home, ['call', '/help'], place.env)
  })
  afterAll(() => place.remove())

  test('a backup leaves nothing half under a name, and the next one cleans up', async () => {
    const { home, env, options } = place
    const moments = [
      /\.backup$/,
      /\.backup\/database/,
      /\.backup\/archive/,
      /scratch\/database/,
      /\.partial$/,
    ]
    let killed = 0
    for (const moment of moments) {
      killed += Number(await killAt(startCommand(home, ['backup'], env), home, moment))
      for (const name of existsSync(folder) ? readdirSync(folder) : [])
        if (!name.startsWith('.'))
          expect(await runCommand(home, ['drill', name], env)).toMatchObject({ code: 0 })
      // As if the minute had passed for which a killed one is in the way.
      await query(options, `delete from leases where name = 'backup'`)
    }
    expect(killed).toBeGreaterThanOrEqual(moments.length - 1)
    expect(await runCommand(home, ['backup'], env)).toMatchObject({ code: 0, stderr: '' })
    expect([...hidden(join(home, 'data')), ...hidden(folder)]).toEqual([])
  })

  test('a restore: all is as before, or as it should be', async () => {
    const { home, env, options } = place
    const restore = (): string[] => ['restore', '--force']
    await runCommand(home, ['backup'], env)
    const before = await messagesIn(options)
    const moments =
      kind === 'sqlite'
        ? [/\.restore$/, /content\/database/, /parley\.db\.before/]
        : [/\.restore$/, /content\/database/, /database\.2\.sql/, /database\.3\.sql/]
    const watched = options.kind === 'sqlite' ? dirname(options.path) : home
    let killed = 0
    for (const moment of moments) {
      await runCommand(home, ['call', '/help'], env)
      killed += Number(await killAt(startCommand(home, restore(), env), watched, moment))
      expect([before, before + 2]).toContain(await messagesIn(options))
      // What psql had begun may still end.
      const again = async () => (await runCommand(home, restore(), env)).code
      await expect.poll(again, { timeout: 20_000 }).toBe(0)
      expect(await messagesIn(options)).toBe(before)
    }
    expect(killed).toBeGreaterThan(1)
    expect(hidden(join(home, 'data'))).toEqual([])
  })
})

describe('between the key and the database', () => {
  const [old, wanted] = ['of-tests-old-1f0c5e7ab2d94e63', 'of-tests-new-8d3b6a90c1f7425e'].map(
    (key) => `key-${key}`,
  )
  let place: EmptyPlace
  let watcher: pg.Client
  let key: string
  beforeAll(async () => {
    place = await createEmptyPlace('postgres')
    const { home, env } = place
    key = join(home, 'data/secret.key')
    await runCommand(home, ['call', '/help'], env)
    mkdirSync(dirname(key), { recursive: true })
    writeFileSync(key, wanted ?? '')
    expect(await runCommand(home, ['backup'], env)).toMatchObject({ code: 0 })
    await runCommand(home, ['call', '/help'], env)
    writeFileSync(key, old ?? '')
    watcher = new pg.Client({ connectionString: env['DATABASE_URL'] })
    await watcher.connect()
  })
  afterAll(async () => {
    await watcher.end()
    await place.remove()
  })

  const psql = `from pg_stat_activity where datname = current_database() and application_name = 'psql'`

  /** A restore that has put the key into place and waits for the tables. */
  async function waiting(): Promise<ReturnType<typeof startCommand>> {
    await watcher.query('begin; lock table messages in access share mode')
    const running = startCommand(place.home, ['restore', '--force'], place.env)
    await expect.poll(() => readFileSync(key, 'utf8'), { timeout: 20_000 }).toBe(wanted)
    const blocked = () => query(place.options, `select 1 ${psql} and wait_event_type = 'Lock'`)
    await expect.poll(async () => (await blocked()).length, { timeout: 20_000 }).toBe(1)
    return running
  }

  test('refused there, the old key is back', async () => {
    const running = await waiting()
    const server = new pg.Client({ connectionString: place.env['DATABASE_URL'], application_name: 'parley' })
    await server.connect()
    await watcher.query('rollback')
    const { code, stderr } = await running.ended
    await server.end()
    expect(code).toBe(1)
    expect(stderr).toMatch(/^A server was started on this database meanwhile .*\n→ stop it first/)
    expect(readFileSync(key, 'utf8')).toBe(old)
    expect(readdirSync(dirname(key)).filter((name) => name.includes('.before-'))).toEqual([])
  })

  test('killed there, the same command finishes it', async () => {
    const running = await waiting()
    running.child.kill('SIGKILL')
    await running.ended
    await query(place.options, `select pg_terminate_backend(pid) ${psql}`)
    await watcher.query('rollback')
    expect(await messagesIn(place.options)).toBe(4)
    expect(await runCommand(place.home, ['restore', '--force'], place.env)).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect(await messagesIn(place.options)).toBe(2)
    expect(readFileSync(key, 'utf8')).toBe(wanted)
    const [kept = ''] = readdirSync(dirname(key)).filter((name) => name.includes('.before-'))
    expect(readFileSync(join(dirname(key), kept), 'utf8')).toBe(old)
  })
})

describe('a full disk', () => {
  let home: string
  let remove: () => Promise<void>
  beforeAll(async () => {
    ;({ home, remove } = await createHome())
    await runCommand(home, ['call', '/help'])
  })
  afterAll(() => remove())

  test('where backups are kept: no archive under its name, and the old one stays', async () => {
    const disk = await createDisk({ megabytes: 1 })
    try {
      const env = { PARLEY_CONFIG: home, BACKUP_DIR: join(disk.folder, 'backups') }
      const parley = () => runCommand(home, ['backup'], env, disk.within)
      const kept = async () => (await runCommand(home, ['backup', 'list', '--json'], env, disk.within)).stdout
      expect(await parley()).toMatchObject({ code: 0, stderr: '' })
      const before = await kept()
      await query(
        { kind: 'sqlite', path: join(home, 'data/parley.db') },
        `update messages set text = hex(randomblob(700000))`,
      )
      const failed = await parley()
      expect(failed).toMatchObject({ code: 1, stdout: '' })
      expect(failed.stderr).toMatch(/There is no room left at .*\n→ free some space/)
      expect(await kept()).toBe(before)
      const { output } = await runProgram([...disk.within, 'ls', '-A', env.BACKUP_DIR])
      expect(output.trim().split('\n')).toHaveLength(1)
    } finally {
      await disk.close()
    }
  })

  test('where the data is: the same', async () => {
    const disk = await createDisk({ megabytes: 3 })
    try {
      const path = join(disk.folder, 'data/parley.db')
      const env = { PARLEY_CONFIG: home, DATA_DIR: dirname(path), BACKUP_DIR: join(home, 'backups') }
      await runCommand(home, ['call', '/help'], env, disk.within)
      expect(await runCommand(home, ['backup'], env, disk.within)).toMatchObject({ code: 0 })
      const grow = `require('${betterSqlite}')('${path}').exec("update messages set text = hex(randomblob(300000))")`
      await runProgram([...disk.within, process.execPath, '-e', grow])
      for (const command of ['backup', 'drill']) {
        const failed = await runCommand(home, [command], env, disk.within)
        expect(failed).toMatchObject({ code: 1, stdout: '' })
        expect(failed.stderr).toMatch(
          /no room left at .*: this takes about \d MB, and \d MB are free.*\n→ free some space/,
        )
      }
      expect(readdirSync(join(home, 'backups'))).toHaveLength(1)
    } finally {
      await disk.close()
    }
  })
})
