import { stat } from 'node:fs/promises'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { ParleyError } from '../../src/model/errors.ts'
import { openStore } from '../../src/store/open.ts'
import { createTestStore, databaseKinds } from '../support/stores.ts'
import { storeContract } from './store.ts'

describe.each(databaseKinds)('store on %s', (kind) => storeContract(kind))

test('the embedded database is for its user only', async () => {
  const place = await createTestStore('sqlite')
  try {
    const path = 'path' in place.options ? place.options.path : ''
    for (const file of [path, `${path}-wal`]) expect((await stat(file)).mode & 0o077).toBe(0)
  } finally {
    await place.drop()
  }
})

test('a busy moment is over with the next write; a full disk, which takes small ones, is not', async () => {
  const { store, drop } = await createTestStore('sqlite')
  const refuse = (code: string): Promise<never> => {
    const cause = Object.assign(new Error('refused'), { code })
    return store.write(() => Promise.reject(new ParleyError('DATABASE_UNAVAILABLE', undefined, { cause })))
  }
  try {
    await expect(refuse('57014')).rejects.toThrow()
    await store.check()
    await expect(refuse('SQLITE_FULL')).rejects.toThrow()
    await expect(refuse('57014')).rejects.toThrow()
    await expect(store.check()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  } finally {
    await drop()
  }
})

test('a database that lets itself be read only is not well until it takes a write', async () => {
  const place = await createTestStore('postgres')
  const url = 'url' in place.options ? place.options.url : ''
  const admin = new pg.Client({ connectionString: url })
  const broken: Error[] = []
  const store = await openStore(place.options, { onConnectionError: (error) => broken.push(error) })
  const readOnly = async (state: 'on' | 'off'): Promise<void> => {
    await admin.query(
      `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = ${state}`,
    )
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    )
  }
  try {
    await admin.connect()
    await store.check()
    await readOnly('on')
    await expect.poll(() => broken.length).toBeGreaterThan(0)
    // The connection itself, with all its secrets, is no part of what is told.
    expect(broken.flatMap((error) => Object.keys(error))).not.toContain('client')
    await store.check()
    const refused: Partial<ParleyError> = { code: 'DATABASE_UNAVAILABLE' }
    await expect(store.write((tx) => tx.leases.hold('a', 'b', 0, 1))).rejects.toMatchObject(refused)
    await expect(store.check()).rejects.toMatchObject(refused)
    await readOnly('off')
    const errors: unknown[] = []
    await expect
      .poll(
        () =>
          Promise.all([store.check(), store.check()]).then(
            () => true,
            (error: unknown) => {
              errors.push(error)
              return false
            },
          ),
        { timeout: 5000 },
      )
      .toBe(true)
    for (const error of errors) expect(error).toMatchObject(refused)
  } finally {
    await admin.end()
    await store.close()
    await place.drop()
  }
})
