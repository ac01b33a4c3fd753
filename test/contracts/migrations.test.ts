import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMigrations, type DatabaseOptions, migrate, openStore } from '../../src/store/open.ts'
import { incoming } from '../support/pipeline.ts'
import { createDatabase, databaseKinds } from '../support/stores.ts'

/** As a newer version would leave it. */
async function markApplied(options: DatabaseOptions, name: string): Promise<void> {
  const insert = `insert into kysely_migration (name, timestamp) values ('${name}', '2030-01-01T00:00:00.000Z')`
  if (options.kind === 'sqlite') {
    const db = new BetterSqlite3(options.path)
    db.exec(insert)
    db.close()
    return
  }
  const client = new pg.Client({ connectionString: options.url })
  await client.connect()
  await client.query(insert)
  await client.end()
}

const openModule = JSON.stringify(new URL('../../src/store/open.ts', import.meta.url).href)

async function migrateInProcess(options: DatabaseOptions): Promise<string[]> {
  const script = `
    const { migrate, openStore } = await import(${openModule})
    const options = ${JSON.stringify(options)}
    const store = await openStore(options, { onConnectionError: () => {} })
    console.log(JSON.stringify(await migrate(options, store)))
    await store.close()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  return JSON.parse(stdout)
}

describe.each(databaseKinds)('migrations on %s', (kind) => {
  let place: Awaited<ReturnType<typeof createDatabase>>
  beforeAll(async () => {
    place = await createDatabase(kind)
  })
  afterAll(() => place.drop())

  const withStore = async <T>(
    work: (store: Awaited<ReturnType<typeof openStore>>) => Promise<T>,
  ): Promise<T> => {
    const store = await openStore(place.options, { onConnectionError: () => undefined })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }
  const withMigrations = async <T>(
    work: (m: Awaited<ReturnType<typeof createMigrations>>) => Promise<T>,
  ): Promise<T> => {
    const migrations = await createMigrations(place.options)
    try {
      return await work(migrations)
    } finally {
      await migrations.close()
    }
  }
  const fill = () =>
    withStore((store) =>
      store.write((tx) => tx.inbox.accept([{ incoming: incoming('web', 'ann', 'hi'), quietMs: 0 }], 1)),
    )

  test('an empty database is behind, and says so', async () => {
    await expect(withStore((store) => store.check())).rejects.toMatchObject({ code: 'SCHEMA_BEHIND' })
  })

  test('up, with data, down to zero, and up again', async () => {
    const names = await withMigrations((m) => m.up())
    expect(names.length).toBeGreaterThan(0)
    await withStore((store) => store.check())
    await fill()
    expect(await withMigrations((m) => m.down('all'))).toEqual([...names].reverse())
    expect((await withMigrations((m) => m.status())).every((one) => one.appliedAt === undefined)).toBe(true)
    expect(await withMigrations((m) => m.up())).toEqual(names)
    const [again] = await fill()
    expect(again).toMatchObject({ seq: 1, duplicate: false })
    expect(await withMigrations((m) => m.up())).toEqual([])
  })

  test('one step down is one migration', async () => {
    const all = (await withMigrations((m) => m.status())).map((one) => one.name)
    expect(await withMigrations((m) => m.down(1))).toEqual(all.slice(-1))
    await expect(withStore((store) => store.check())).rejects.toMatchObject({ code: 'SCHEMA_BEHIND' })
    expect(await withMigrations((m) => m.up())).toEqual(all.slice(-1))
  })

  test('two processes starting at once migrate once', async () => {
    await withMigrations((m) => m.down('all'))
    const applied = await Promise.all([1, 2, 3].map(() => migrateInProcess(place.options)))
    expect(applied.flat()).toEqual((await withMigrations((m) => m.status())).map((one) => one.name))
    expect(await withStore((store) => migrate(place.options, store))).toEqual([])
  })

  test('a schema of a newer version is refused, and not touched', async () => {
    await markApplied(place.options, '9999_from_the_future')
    await expect(withStore((store) => store.check())).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    await expect(withStore((store) => migrate(place.options, store))).rejects.toThrow('9999_from_the_future')
    await expect(withMigrations((m) => m.up())).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    await expect(withMigrations((m) => m.down(1))).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
  })
})
