import { expect, test } from 'vitest'
import type { Manifest } from '../../backup/manifest.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { unfinished } from '../../store/applied.ts'
import { migrations } from '../../store/migrations/index.ts'
import { requireFit } from './fit.ts'
import { compare } from './prove.ts'

const known = Object.keys(migrations)
const embedded: { database: DatabaseConfig } = { database: { kind: 'sqlite', path: '/data/parley.db' } }

const manifest = (database: Partial<Manifest['database']> = {}): Manifest => ({
  format: 1,
  takenAt: '2026-11-26T03:30:00.000Z',
  version: '9.1.0',
  commit: 'unknown',
  installation: '3f9a1c2b',
  database: { kind: 'sqlite', migrations: known, expanding: known, tables: { messages: 2 }, ...database },
  files: [],
})

test('a backup of this version or an older one fits', () => {
  expect(() => requireFit(manifest(), embedded)).not.toThrow()
  expect(() => requireFit(manifest({ migrations: known.slice(0, 2) }), embedded)).not.toThrow()
})

test('one of a newer version does not, and it is said which version it wants', () => {
  expect(() => requireFit(manifest({ migrations: [...known, '9999_future'] }), embedded)).toThrow(
    expect.objectContaining({
      code: 'BACKUP_UNFIT',
      diagnosis: {
        found: expect.stringContaining(
          'made by Parley 9.1.0, whose schema is newer than this version knows (9999_future)',
        ),
        next: 'install Parley 9.1.0 or newer, and restore with that',
      },
    }),
  )
})

test('nor does one of a part of the data, which no version works on', () => {
  expect(() => requireFit(manifest({ migrations: [...known, `${unfinished}3f9a1c2b`] }), embedded)).toThrow(
    expect.objectContaining({
      diagnosis: {
        found: expect.stringContaining('moving it here was interrupted'),
        next: expect.stringContaining('parley migrate-data goes on with it'),
      },
    }),
  )
})

test('one taken after a newer version was taken back does, where that only expanded the schema', () => {
  const ahead = [...known, '9998_expands']
  expect(() => requireFit(manifest({ migrations: ahead, expanding: ahead }), embedded)).not.toThrow()
})

test('nor does one of the other kind of database', () => {
  expect(() => requireFit(manifest({ kind: 'postgres' }), embedded)).toThrow(
    expect.objectContaining({ code: 'BACKUP_UNFIT', message: expect.stringContaining('of PostgreSQL') }),
  )
})

test('a row too few is found when a copy is compared with its list', () => {
  const said = manifest()
  const found = { installation: '3f9a1c2b', migrations: known, expanding: known, tables: { messages: 1 } }
  expect(() => compare(said, { ...found, tables: { messages: 2 } })).not.toThrow()
  expect(() => compare(said, found)).toThrow('table messages has 1 rows where its list says 2')
  expect(() => compare(said, { ...found, tables: {} })).toThrow('table messages has no rows')
  expect(() => compare(said, { ...found, installation: 'ffffffff' })).toThrow('of another database')
})
