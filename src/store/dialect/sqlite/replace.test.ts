import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from './database.ts'
import { replaceFile, requireAlone } from './replace.ts'

function inFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-replace-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a database that was only looked at is given back as it was found', () => {
  const folder = inFolder()
  const path = join(folder, 'test.db')
  const db = connect(path)
  db.exec('create table notes (text text)')
  expect(() => requireAlone(path)).toThrow('A server runs on the database')
  db.close()
  const before = readFileSync(path).subarray(18, 20)
  requireAlone(path).giveBack()
  // Two and two stand for a write-ahead log (https://sqlite.org/fileformat2.html).
  expect([before, readFileSync(path).subarray(18, 20)]).toEqual([Buffer.from([2, 2]), Buffer.from([2, 2])])
  expect(readdirSync(folder)).toEqual(['test.db'])
})

/** With as many of the tables of a copy as a restore works on. */
function writeCopy(path: string): string {
  const db = connect(path)
  db.exec(
    'create table if not exists messages (state text); create table if not exists leases (name text, holder text, until integer)',
  )
  db.close()
  return path
}

test('a second restore of the same moment overwrites nothing of what the first put aside', () => {
  const folder = inFolder()
  const path = join(folder, 'parley.db')
  const replace = () => replaceFile(path, { file: writeCopy(join(folder, 'copy.db')), stamp: 'now' })
  const taken = (name: string): string => `cannot be kept as ${path}.${name}: there is one already`
  writeFileSync(path, 'what people wrote')
  expect(replace()).toBe(`${path}.before-now`)
  const placed = statSync(path).ino
  expect(replace).toThrow(taken('before-now'))
  expect(statSync(path).ino).toBe(placed)
  expect(readFileSync(`${path}.before-now`, 'utf8')).toBe('what people wrote')
  // A log whose database is lost.
  for (const [end, text] of [
    ['.before-now-wal', 'the latest of it'],
    ['-wal', 'of another'],
  ] as const)
    writeFileSync(path + end, text)
  rmSync(path)
  expect(replace).toThrow(taken('before-now-wal'))
  expect(readFileSync(`${path}.before-now-wal`, 'utf8')).toBe('the latest of it')
})
