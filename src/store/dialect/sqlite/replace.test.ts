import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from './database.ts'
import { requireAlone } from './replace.ts'

test('a database that was only looked at is given back as it was found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-alone-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
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
