import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { BackupConfig } from '../../config/config.ts'
import { checkTools } from './tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-doctor-tools-'))
afterAll(() => rmSync(folder, { recursive: true }))
for (const name of ['pg_dump', 'pg_restore', 'psql']) {
  const program = join(folder, name)
  writeFileSync(program, `#!/bin/sh\necho '${name} (PostgreSQL) 16.4'\n`)
  chmodSync(program, 0o755)
}

const of = (environment: 'development' | 'production', dailyAt?: string) => ({
  environment,
  backup: { dailyAt } as BackupConfig,
})

test('the programs of the version of the server, or newer', () => {
  for (const major of [15, 16])
    expect(checkTools(of('production'), major, folder)).toMatchObject({ status: 'ok' })
})

test.each([
  ['production', '03:30', 'fail'],
  ['development', '03:30', 'fail'],
  ['production', undefined, 'warn'],
  ['development', undefined, 'skip'],
] as const)('too old, in %s with backups at %s: %s', (environment, dailyAt, status) => {
  const item = checkTools(of(environment, dailyAt), 17, folder)
  expect(item.status).toBe(status)
  // Whoever took one by hand may well want it.
  if (status === 'skip') return expect(item.found).toMatch(/^not looked for: in development .*daily_at$/)
  expect(item.found).toMatch(/^pg_dump 16 is older than the server, PostgreSQL 17/)
  expect(item.next).toMatch(/install the package postgresql-client-17/)
})
