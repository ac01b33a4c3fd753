import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MigrationList, migrations as known } from '../../src/store/migrations/index.ts'
import { createMigrations, type DatabaseOptions, migrate, openStore } from '../../src/store/open.ts'
import { incoming } from '../support/pipeline.ts'
import { closedSchema, nextSchema, previousSchema } from '../support/next-schema.ts'
import { createTestDatabase } from '../support/databases.ts'
import { execute, query } from '../support/sql.ts'
import { createDatabase, databaseKinds } from '../support/stores.ts'

/** As a version would leave it that does not record what its migrations mean. */
const markApplied = (options: DatabaseOptions, name: string): Promise<void> =>
  execute(
    options,
    `insert into kysely_migration (name, timestamp) values ('${name}', '2030-01-01T00:00:00.000Z')`,
  )

/** A request for a human, as the first version stores it: about the only conversation there is. */
const oldRequest = (id: string, now: number): string =>
  `insert into handoffs (id, conversation_id, reason, summary, status, created_at)
    select '${id}', id, 'asked', 'human!', 'open', ${now} from conversations`

const onePerson = `
  insert into contacts (id, channel, platform_id, name, created_at) values ('p1', 'web', 'ann', 'Ann', 1);
  insert into conversations (id, channel, account, chat_id, thread_id, kind, contact_id, title, status, epoch, summary,
    summary_seq, last_seq, turn_after, turn_attempts, lease_until, lane_until, created_at, updated_at)
  values ('c1', 'web', 'web', 'ann', '', 'private', 'p1', '', 'bot', 0, '', 0, 0, 0, 0, 0, 0, 1, 1);`

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
    list?: MigrationList,
  ): Promise<T> => {
    const store = await openStore(place.options, { onConnectionError: () => undefined }, list)
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }
  const withMigrations = async <T>(
    work: (m: Awaited<ReturnType<typeof createMigrations>>) => Promise<T>,
    list?: MigrationList,
  ): Promise<T> => {
    const migrations = await createMigrations(place.options, list)
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

  test('people known before count as seen when that began to be kept', async () => {
    await withMigrations((m) => m.down('all'))
    const names = await withMigrations((m) => m.up())
    await withMigrations((m) => m.down(names.length - names.indexOf('0006_retention')))
    await execute(place.options, onePerson)
    const before = Date.now()
    await withMigrations((m) => m.up())
    const [row] = await query<{ seen_at: number | string }>(place.options, 'select seen_at from contacts')
    expect(Number(row?.seen_at)).toBeGreaterThanOrEqual(before)
  })

  test('requests for a human learn who asked, and were told once; the version before goes on', async () => {
    await withMigrations((m) => m.down('all'))
    const names = (await withMigrations((m) => m.up())).length
    await withMigrations((m) => m.down(names - 1))
    await execute(place.options, onePerson)
    await execute(place.options, oldRequest('h1', 5000))
    await withMigrations((m) => m.up())
    const openOf = () => withStore((store) => store.read.handoffs.openOf('p1'))
    expect(await openOf()).toMatchObject({ id: 'h1', contactId: 'p1', notes: 1, notedAt: 5000 })
    await execute(place.options, oldRequest('h2', 6000))
    await withMigrations((m) => m.down(names - 1))
    await withMigrations((m) => m.up())
    expect(await openOf()).toMatchObject({ id: 'h2', contactId: 'p1', notes: 1, notedAt: 6000 })
  })

  test('what expands may come alone, up to the first that contracts', async () => {
    const expanding = () => withMigrations((m) => m.up({ expanding: true }), closedSchema)
    expect(await expanding()).toEqual(['9998_expands'])
    await withStore((store) => store.check())
    expect(await expanding()).toEqual([])
    expect(await withMigrations((m) => m.up(), closedSchema)).toEqual(['9999_contracts'])
    expect(await expanding()).toEqual([])
    await withMigrations((m) => m.down(2), closedSchema)
  })

  test('two processes starting at once migrate once', async () => {
    await withMigrations((m) => m.down('all'))
    const applied = await Promise.all([1, 2, 3].map(() => migrateInProcess(place.options)))
    expect(applied.flat()).toEqual((await withMigrations((m) => m.status())).map((one) => one.name))
    expect(await withStore((store) => migrate(place.options, store))).toEqual([])
  })

  test('a running process goes on when a newer one migrates the tables it works with', async () => {
    await withStore(async (store) => {
      const work = async (id: string): Promise<string | undefined> => {
        const arrivals = [{ incoming: incoming('web', id, 'hi'), quietMs: 0 }]
        const [accepted] = await store.write((tx) => tx.inbox.accept(arrivals, 1000))
        const conversation = accepted?.conversationId ?? ''
        const [taken] = await store.write((tx) => tx.turns.take([conversation], id, 2000, 3000))
        await store.read.messages.page(conversation, { limit: 5 })
        return taken?.pending[0]?.text
      }
      await Promise.all(['a', 'b', 'c', 'd'].map(work))
      for (const table of ['messages', 'contacts', 'conversations', 'contact_limits'])
        await execute(place.options, `alter table ${table} add column of_later text`)
      // A connection whose statements are stale is given up; what it was asked meanwhile may be refused for now.
      const during = await Promise.allSettled(Array.from({ length: 20 }, (_, nth) => work(`during ${nth}`)))
      for (const outcome of during)
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
      expect(await Promise.all(['e', 'f', 'g', 'h', 'i', 'j'].map(work))).toEqual(Array(6).fill('hi'))
      for (const table of ['messages', 'contacts', 'conversations', 'contact_limits'])
        await execute(place.options, `alter table ${table} drop column of_later`)
    })
  })

  test('the version before goes on after this one has migrated', async () => {
    const added = Object.keys(known).filter((name) => !(name in previousSchema))
    await withStore(async (store) => {
      await store.check()
      expect(await store.schemaAhead()).toEqual(added)
    }, previousSchema)
    expect(await withMigrations((m) => m.up(), previousSchema)).toEqual([])
  })

  test('a schema that a newer version expanded is worked on', async () => {
    await withMigrations((m) => m.up(), nextSchema)
    await withStore(async (store) => {
      expect(await migrate(place.options, store)).toEqual([])
      expect(await store.schemaAhead()).toEqual(['9998_expands'])
    })
    expect(await withMigrations((m) => m.up())).toEqual([])
    const status = await withMigrations((m) => m.status())
    expect(status.at(-1)).toMatchObject({ name: '9998_expands', ahead: 'expands' })
    expect(status.filter(({ ahead }) => ahead)).toHaveLength(1)
    await expect(withMigrations((m) => m.down(1))).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    // One that is behind in something else is of another history.
    const rename = (from: string, to: string): Promise<void> =>
      execute(place.options, `update kysely_migration set name = '${to}' where name = '${from}'`)
    await rename('0006_retention', '0006_other')
    await expect(withStore((store) => store.check())).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    await rename('0006_other', '0006_retention')
  })

  test('one that a newer version contracted is refused, and not touched, until that takes it back', async () => {
    await withMigrations((m) => m.up(), closedSchema)
    const refused = { code: 'SCHEMA_UNKNOWN', message: expect.stringMatching(/\(9999_contracts\)/) }
    await expect(withStore((store) => store.check())).rejects.toMatchObject(refused)
    await expect(withStore((store) => migrate(place.options, store))).rejects.toMatchObject(refused)
    await expect(withMigrations((m) => m.up())).rejects.toMatchObject(refused)
    const status = await withMigrations((m) => m.status())
    expect(status.at(-1)).toMatchObject({ name: '9999_contracts', ahead: 'contracts' })
    expect(await withMigrations((m) => m.down(2), closedSchema)).toEqual(['9999_contracts', '9998_expands'])
    await withStore((store) => store.check())
    expect(await query(place.options, `select 1 from schema_changes where name like '99%'`)).toEqual([])
  })

  test('a schema of a newer version that says nothing of it is refused, and not touched', async () => {
    await markApplied(place.options, '9999_from_the_future')
    await expect(withStore((store) => store.check())).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    await expect(withStore((store) => migrate(place.options, store))).rejects.toThrow('9999_from_the_future')
    await expect(withMigrations((m) => m.up())).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    await expect(withMigrations((m) => m.down(1))).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
  })
})

test('a migration that turns under way on PostgreSQL push aside comes all the same', async () => {
  const { url, drop } = await createTestDatabase()
  const options: DatabaseOptions = { kind: 'postgres', url, poolMin: 0, poolMax: 1 }
  const turn = new pg.Client({ connectionString: url })
  const migrations = await createMigrations(options, nextSchema)
  try {
    const now = await createMigrations(options)
    await now.up()
    await now.close()
    await turn.connect()
    await turn.query('begin; lock table messages in row exclusive mode')
    const migrated = migrations.up()
    const waits = `select 1 from pg_locks where not granted and relation = 'messages'::regclass`
    await expect.poll(() => query(options, waits), { interval: 10 }).toHaveLength(1)
    // It holds this one, and began to wait first: it is the one to find that each waits for the other.
    await turn.query('lock table contacts in row exclusive mode; commit')
    expect(await migrated).toEqual(['9998_expands'])
  } finally {
    await Promise.all([turn.end(), migrations.close()])
    await drop()
  }
})
