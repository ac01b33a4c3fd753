import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { WriteOptions } from '../dialect.ts'
import { connect } from './database.ts'
import { createGroupCommit } from './group-commit.ts'
import { createSqliteSession } from './session.ts'
import { openWal } from './wal.ts'

let folder: string
let db: BetterSqlite3.Database

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-wal-'))
  db = connect(join(folder, 'test.db'))
  db.exec('create table notes (text text)')
})

afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true })
})

const walBytes = (): number => statSync(join(folder, 'test.db-wal')).size
const unavailable = { code: 'DATABASE_UNAVAILABLE', status: 503 }

function openGroup(syncFile: (file: number) => Promise<void>) {
  const group = createGroupCommit(db, createSqliteSession(db), openWal(db, syncFile))
  return (text: string, options?: WriteOptions) =>
    group.run(async () => db.prepare('insert into notes values (?)').run(text).changes, options)
}

test('a commit is told of when it is on the disk, not before', async () => {
  const disk = Promise.withResolvers<void>()
  const write = openGroup(() => disk.promise)
  const told = vi.fn<(changes: number) => void>()
  const written = write('one').then(told)
  await vi.waitFor(() => expect(walBytes()).toBeGreaterThan(4096))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(told).not.toHaveBeenCalled()
  disk.resolve()
  await written
  expect(told).toHaveBeenCalledWith(1)
})

test('what is brief is seen at once and synced with the next that is not', async () => {
  const sync = vi.fn<() => Promise<void>>(async () => undefined)
  const write = openGroup(sync)
  await Promise.all([write('one', { brief: true }), write('two', { brief: true })])
  expect(sync).not.toHaveBeenCalled()
  const reader = new BetterSqlite3(join(folder, 'test.db'))
  expect(reader.prepare('select count(*) from notes').pluck().get()).toBe(2)
  reader.close()
  await Promise.all([write('three', { brief: true }), write('four')])
  expect(sync).toHaveBeenCalledTimes(1)
})

test('after a sync that failed nothing is believed until all is copied into the database', async () => {
  let fails = true
  const write = openGroup(async () => {
    if (fails) throw new Error('EIO: i/o error, fdatasync')
  })
  await expect(write('doubtful')).rejects.toMatchObject(unavailable)
  expect(walBytes()).toBeGreaterThan(0)
  fails = false

  const reader = new BetterSqlite3(join(folder, 'test.db'))
  reader.exec('begin; select * from notes')
  db.pragma('busy_timeout = 1')
  await expect(write('read meanwhile')).rejects.toMatchObject(unavailable)
  reader.close()

  await expect(write('certain')).resolves.toBe(1)
  expect(walBytes()).toBe(0)
  await expect(write('as before')).resolves.toBe(1)
  expect(walBytes()).toBeGreaterThan(0)
})

test('what is committed after somebody deleted the log is in the database itself', async () => {
  const write = openGroup(async () => undefined)
  await write('before')
  rmSync(join(folder, 'test.db-wal'))
  rmSync(join(folder, 'test.db-shm'))
  await write('after')
  await write('and again')

  const alone = new BetterSqlite3(join(folder, 'test.db'), { readonly: true })
  expect(alone.prepare('select text from notes').pluck().all()).toEqual(['before', 'after', 'and again'])
  alone.close()
})
