import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MigrationList, migrations } from '../../src/store/migrations/index.ts'
import { createMigrations } from '../../src/store/open.ts'
import { closedSchema, nextSchema } from '../support/next-schema.ts'
import { contractions, type Shape, shapeOf } from '../support/schema-shape.ts'
import { execute } from '../support/sql.ts'
import { createDatabase, databaseKinds } from '../support/stores.ts'

const faults: [name: string, sql: string, problem: RegExp][] = [
  ['a table dropped', 'drop table reservations', /reservations is gone/],
  ['a column dropped', 'alter table messages drop column error', /messages.error was text, is gone/i],
  ['a column renamed', 'alter table turns rename column source to origin', /turns.source .* gone/],
  ['a unique index', 'create unique index one on turns (conversation_id, attempt)', /new: turns: unique/],
  [
    'a reference from an old table',
    'alter table handoffs add column turn_id text references turns (id)',
    /handoffs refers to turns now/,
  ],
  [
    'a new table that holds on to rows',
    'create table tags (contact_id text references contacts (id))',
    /tags keeps rows of contacts from being deleted/,
  ],
]

/** SQLite cannot do these. */
const postgresFaults: typeof faults = [
  [
    'a column that must be given',
    'alter table contacts add column mail text not null',
    /contacts.mail is new and must be given/,
  ],
  [
    'a column that may not be null any more',
    'alter table messages alter column error set not null',
    /messages.error was text, is text not null/,
  ],
  [
    'a type',
    'alter table messages alter column attempts type bigint',
    /attempts was integer not null, is bigint/,
  ],
  ['a check', 'alter table turns add check (confidence <= 1)', /new: turns: unique \(CHECK/],
  [
    'a unique constraint gone',
    'alter table contacts drop constraint contacts_platform',
    /gone: contacts: unique/,
  ],
]

describe.each(databaseKinds)('what a migration says of itself, on %s', (kind) => {
  let place: Awaited<ReturnType<typeof createDatabase>>
  beforeAll(async () => {
    place = await createDatabase(kind)
  })
  afterAll(() => place.drop())

  const upTo = async (list: MigrationList): Promise<Shape> => {
    const migrator = await createMigrations(place.options, list)
    await migrator.up()
    await migrator.close()
    return shapeOf(place.options)
  }

  test('is true: what expands takes nothing away, and refuses nothing that was taken before', async () => {
    let before: Shape | undefined
    const list: Record<string, MigrationList[string]> = {}
    for (const [name, migration] of Object.entries(closedSchema)) {
      list[name] = migration
      const after = await upTo(list)
      if (before && migration.change === 'expands')
        expect({ [name]: contractions(before, after) }).toEqual({ [name]: [] })
      if (before && migration.change === 'contracts') expect(contractions(before, after)).not.toEqual([])
      before = after
    }
    expect(Object.keys(list)).toEqual(expect.arrayContaining(Object.keys(migrations)))
    expect(Object.keys(list).length).toBe(Object.keys(nextSchema).length + 1)
  })

  test.each(kind === 'sqlite' ? faults : [...faults, ...postgresFaults])(
    'a seeded fault is caught: %s',
    async (_name, sql, problem) => {
      const own = await createDatabase(kind)
      try {
        const migrator = await createMigrations(own.options)
        await migrator.up()
        await migrator.close()
        const before = await shapeOf(own.options)
        await execute(own.options, sql)
        expect(contractions(before, await shapeOf(own.options)).join('\n')).toMatch(problem)
      } finally {
        await own.drop()
      }
    },
  )
})
