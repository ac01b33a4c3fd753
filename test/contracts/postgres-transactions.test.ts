import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Database, statement } from '../../src/store/dialect/dialect.ts'
import { openPostgres } from '../../src/store/dialect/postgres/database.ts'
import { createTestDatabase, type TestDatabase } from '../support/databases.ts'

/** Statements of a transaction leave one behind the other: what is refused on the way must not be lost. */
let place: TestDatabase
let database: Database
let client: pg.Client
beforeAll(async () => {
  place = await createTestDatabase()
  database = openPostgres({ url: place.url, poolMin: 0, poolMax: 4, onError: () => undefined })
  client = new pg.Client({ connectionString: place.url })
  await client.connect()
  await client.query('create table things (id bigint primary key)')
})
beforeEach(() => client.query('truncate things'))
afterAll(async () => {
  await client.end()
  await database.close()
  await place.drop()
})

const add = statement<{ id: number }, never>(() => 'insert into things (id) values (:id)')
const list = statement<Record<string, never>, { id: number }>(() => 'select id from things order by id')
const addAndTell = statement<{ id: number }, { id: number }>(
  () => 'insert into things (id) values (:id) returning id',
)
const end = statement<Record<string, never>, object>(() => 'select pg_terminate_backend(pg_backend_pid())')

const stored = async (): Promise<number[]> => (await database.reader.all(list, {})).map(({ id }) => id)

test('what was sent without waiting is seen by what comes behind it', async () => {
  const seen = await database.transaction(async (session) => {
    await session.all(add, { id: 1 })
    return session.all(list, {})
  })
  expect(seen).toEqual([{ id: 1 }])
  expect(await stored()).toEqual([1])
})

test('one refused that nobody waited for is what the commit throws; nothing is kept', async () => {
  const work = database.transaction(async (session) => {
    await session.all(add, { id: 1 })
    await session.all(add, { id: 1 })
    await session.all(add, { id: 2 })
  })
  await expect(work).rejects.toMatchObject({ code: 'DATA_REFUSED' })
  expect(await stored()).toEqual([])
})

test('one refused that nobody waited for is what the next one throws that is waited for', async () => {
  let told: unknown
  const work = database.transaction(async (session) => {
    await session.all(add, { id: 1 })
    await session.all(add, { id: 1 })
    await session.all(addAndTell, { id: 2 }).catch((error: unknown) => {
      told = error
    })
  })
  await expect(work).rejects.toMatchObject({ code: 'DATA_REFUSED' })
  expect(told).toMatchObject({ code: '23505' })
  expect(await stored()).toEqual([])
})

test('work that fails keeps nothing, and its connection is good for the next', async () => {
  const work = database.transaction(async (session) => {
    await session.all(add, { id: 1 })
    throw new Error('second thoughts')
  })
  await expect(work).rejects.toThrow('second thoughts')
  await database.transaction((session) => session.all(add, { id: 3 }))
  expect(await stored()).toEqual([3])
})

test('a connection that breaks under statements on their way keeps nothing, and another is used', async () => {
  const work = database.transaction(async (session) => {
    await session.all(add, { id: 1 })
    await Promise.all([session.all(end, {}), session.all(addAndTell, { id: 2 })])
  })
  await expect(work).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  await database.transaction((session) => session.all(add, { id: 4 }))
  expect(await stored()).toEqual([4])
})
