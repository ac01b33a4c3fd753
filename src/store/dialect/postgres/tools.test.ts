import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findTools } from './tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-tools-'))
afterAll(() => rmSync(folder, { recursive: true }))
const nowhere = join(folder, 'nowhere')

/** A folder with a pg_dump that says it is of this version, and writes down how it was called. */
function programs(name: string, version: string, exit = 0): string {
  const place = join(folder, name)
  mkdirSync(place, { recursive: true })
  writeFileSync(
    join(place, 'pg_dump'),
    `#!/bin/sh
[ "$1" = --version ] && { echo "pg_dump (PostgreSQL) ${version}"; exit; }
echo "$@ / $PGPASSWORD" > ${place}/called
echo "pg_dump: error: it went wrong" >&2
exit ${exit}
`,
  )
  chmodSync(join(place, 'pg_dump'), 0o755)
  for (const other of ['pg_restore', 'psql']) writeFileSync(join(place, other), '')
  return place
}

/** One of them is missing. */
function without(name: string): string {
  const place = programs(`without-${name}`, '18.0')
  rmSync(join(place, name))
  return place
}

test.each([
  ['all', () => nowhere],
  ['pg_dump', () => without('pg_dump')],
  ['pg_restore', () => without('pg_restore')],
  ['psql', () => without('psql')],
])('without %s the package is named', (_, place) => {
  expect(() => findTools(17, place(), nowhere)).toThrow(
    expect.objectContaining({
      code: 'BACKUP_FAILED',
      diagnosis: {
        found: 'pg_dump, pg_restore, psql are not on this machine, all in one place (BACKUP_FAILED)',
        next: expect.stringContaining('install the package postgresql-client-17'),
      },
    }),
  )
})

test.each(['15.14 (Debian 15.14-0+deb12u1)', '16beta2', '9.6.24'])(
  'pg_dump %s is too old for 17',
  (version) => {
    const place = programs(`old-${version.slice(0, 4)}`, version)
    const major = Number.parseInt(version)
    expect(() => findTools(17, place, nowhere)).toThrow(
      `pg_dump ${major} is older than the server, PostgreSQL 17, and cannot copy it`,
    )
  },
)

test.each([
  [16, '16'],
  [18, '18'],
  [17, '18'],
])('for a server of %i those of %s are taken', async (server, taken) => {
  const path = [programs('14', '14.1'), programs('18', '18.0'), programs('16', '16.2')].join(':')
  const { fitting, newest } = findTools(server, path, nowhere)
  await fitting.run('pg_dump', ['fitting'], undefined)
  expect(readFileSync(join(folder, taken, 'called'), 'utf8')).toMatch(/^fitting/)
  await newest.run('pg_dump', ['newest'], undefined)
  expect(readFileSync(join(folder, '18/called'), 'utf8')).toMatch(/^newest/)
})

test('the password is on no command line, and the name of a session is not that of a server', async () => {
  const url =
    'postgres://parley:p%40ss@db.example.com:5432/bot?sslmode=no-verify&application_name=parley&options=-c%20a%3Db'
  await findTools(17, programs('17', '17.0'), nowhere).fitting.run('pg_dump', ['--format=custom'], url)
  expect(readFileSync(join(folder, '17/called'), 'utf8')).toBe(
    '--format=custom --dbname=postgres://parley@db.example.com:5432/bot?sslmode=require&options=-c%20a%3Db / p@ss\n',
  )
})

test('what it says when it fails is passed on', async () => {
  const { fitting } = findTools(17, programs('failing', '17.0', 1), nowhere)
  await expect(fitting.run('pg_dump', [], undefined)).rejects.toThrow('pg_dump failed: error: it went wrong')
})
