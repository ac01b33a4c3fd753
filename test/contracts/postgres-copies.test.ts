import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Copies } from '../../src/store/copy.ts'
import { createPostgresCopies } from '../../src/store/dialect/postgres/copies.ts'
import { findTools, type FoundTools } from '../../src/store/dialect/postgres/tools.ts'
import { execute, query } from '../support/sql.ts'
import { createDatabase, createTestStore } from '../support/stores.ts'

type Options = Parameters<typeof createPostgresCopies>[0]

const path = process.env.PATH ?? ''
const setting = 'SET transaction_timeout = 0;'
const undo: (() => unknown)[] = []
let source: Options
let file: string

const postgres = ({ options }: { options: object }): Options => options as Options

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-copies-'))
  const store = await createTestStore('postgres')
  undo.push(store.drop, () => rmSync(folder, { recursive: true }))
  source = postgres(store)
  file = join(folder, 'database')
  await execute(source, `create table notes (text text); insert into notes values ('${setting}')`)
})
afterEach(async () => {
  for (const work of undo.splice(0)) await work()
})

async function emptyPlace(): Promise<Options> {
  const place = await createDatabase('postgres')
  undo.push(place.drop)
  return postgres(place)
}

/** The programs of this machine as newer ones are: pg_restore writes a setting more than servers before 17 know. */
function newerTools(major: number): FoundTools {
  const { newest } = findTools(major, path)
  const tools: FoundTools['newest'] = {
    async run(name, args, url) {
      await newest.run(name, args, url)
      if (name !== 'pg_restore') return
      const script = args.find((word) => word.startsWith('--file='))?.slice('--file='.length) ?? ''
      const text = readFileSync(script, 'utf8')
      expect(text).toContain('SET lock_timeout = 0;\n')
      writeFileSync(
        script,
        text.replace('SET lock_timeout = 0;\n', (line) => `${line}${setting}\n`),
      )
    },
  }
  return { fitting: tools, newest: tools }
}

const notes = (options: Parameters<typeof query>[0]) => query(options, 'select text from notes')

test('programs newer than the server copy, prove and restore', async () => {
  const copies = createPostgresCopies(source, path, newerTools)
  const facts = await copies.copy(file)
  const scratch = await copies.openScratch(file)
  expect(await copies.examine(scratch.options)).toEqual(facts)
  expect(await notes(scratch.options)).toEqual([{ text: setting }])
  await scratch.drop()
  const place = await emptyPlace()
  const replace = await createPostgresCopies(place, path, newerTools).makeReady({ file, stamp: 'now' })
  expect(await replace()).toBeUndefined()
  expect(await notes(place)).toEqual([{ text: setting }])
})

test('what newer programs wrote is read by those, not by the ones of the server', async () => {
  const find: typeof findTools = (major) => {
    const { newest } = findTools(major, path)
    const fitting: FoundTools['fitting'] = {
      run: (name, ...rest) =>
        name === 'pg_restore'
          ? Promise.reject(new Error('unsupported version (1.16) in file header'))
          : newest.run(name, ...rest),
    }
    return { fitting, newest }
  }
  const copies = createPostgresCopies(source, path, find)
  const facts = await copies.copy(file)
  const scratch = await copies.openScratch(file)
  expect(await copies.examine(scratch.options)).toEqual(facts)
  await scratch.drop()
})

test('a server that starts while a copy is made ready is found, and nothing is touched', async () => {
  const copies: Copies = createPostgresCopies(source, path)
  await copies.copy(file)
  const replace = await copies.makeReady({ file, stamp: 'now' })
  const server = new pg.Client({ connectionString: source.url, application_name: 'parley' })
  await server.connect()
  await server.query(`insert into notes values ('said meanwhile')`)
  await expect(replace()).rejects.toMatchObject({
    code: 'BACKUP_REFUSED',
    message: 'A server was started on this database meanwhile',
  })
  expect(await notes(source)).toHaveLength(2)
  await server.end()
  await expect
    .poll(() => replace().catch(() => undefined), { timeout: 5000 })
    .toMatch(/^the schema before_now \(/)
  expect(await notes(source)).toHaveLength(1)
})

test('a schema that was put aside stays, and nothing is touched where another has its name', async () => {
  const copies: Copies = createPostgresCopies(source, path)
  await copies.copy(file)
  await query(source, 'create schema before_taken')
  const replace = await copies.makeReady({ file, stamp: 'taken' })
  await expect(replace()).rejects.toMatchObject({
    code: 'BACKUP_REFUSED',
    message: expect.stringContaining('as the schema before_taken: there is one already'),
  })
  expect(await notes(source)).toHaveLength(1)
})
