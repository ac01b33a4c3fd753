import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { compiled } from '../../test/support/compiled.ts'
import { programName } from './spelling.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 30_000 })

const main = join(import.meta.dirname, '../main.ts')
let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-file-'))
  path = join(folder, 'parley.db')
  writeFileSync(join(folder, 'parley.yaml'), '')
})
afterEach(() => rmSync(folder, { recursive: true }))

function parley(...args: string[]): string {
  const env = {
    PATH: '/usr/bin:/bin',
    NODE_COMPILE_CACHE: compiled,
    NO_COLOR: '1',
    PORT: '0',
    DATABASE_PATH: path,
  }
  const { stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 20_000,
  })
  return stdout + stderr
}

test('a file that is no database: the newest backup is the next step', () => {
  writeFileSync(path, 'this was a database once, until a disk died. '.repeat(100))
  const found = `The database file ${path} cannot be opened: file is not a database (DATABASE_UNAVAILABLE)`
  const next = `→ stop the server; ${programName} restore --force then brings the newest backup back`
  expect(parley('start')).toContain(`${found}\n${next}`)
  const checks = parley('doctor', '--offline')
  expect(checks).toContain(`FAIL  database`)
  expect(checks).toContain(found)
  expect(checks).toContain(next)
})

test.each(['delete', 'wal'])('a file of another program in mode %s is left as it is', (mode) => {
  const other = new BetterSqlite3(path)
  other.pragma(`journal_mode = ${mode}`)
  other.exec('create table messages (body text)')
  other.close()
  const before = readFileSync(path)
  const checks = parley('doctor', '--offline')
  expect(checks).toMatch(/FAIL +database +\S+ is the database of another program\n +→ set DATABASE_PATH/)
  expect(readFileSync(path).equals(before)).toBe(true)
  for (const command of [['start'], ['migrate', 'up']])
    expect(parley(...command)).toBe(
      'The database file is that of another program, which keeps messages in it (SCHEMA_UNKNOWN)\n' +
        '→ set DATABASE_PATH to a file of its own\n',
    )
})

test('one that breaks off in its middle', () => {
  const whole = new BetterSqlite3(path)
  whole.exec('create table messages (body text)')
  whole.close()
  // The page of the schema, behind a header that is whole.
  const bytes = readFileSync(path)
  bytes.fill(0xff, 100, 400)
  writeFileSync(path, bytes)
  expect(parley('start')).toMatch(/malformed[^\n]*\n→ stop the server; .* restore --force then brings/)
})
