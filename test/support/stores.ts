import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MigrationList } from '../../src/store/migrations/index.ts'
import { createMigrations, type DatabaseOptions, openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { createTestDatabase } from './databases.ts'

export interface TestStore {
  options: DatabaseOptions
  store: Store
  /** A second store on the same database, as another process would open it. */
  another(): Promise<Store>
  drop(): Promise<void>
}

export const databaseKinds = ['sqlite', 'postgres'] as const
export type DatabaseKind = (typeof databaseKinds)[number]

/** An empty place for a database of this kind. */
export async function createDatabase(
  kind: DatabaseKind,
): Promise<{ options: DatabaseOptions; drop(): Promise<void> }> {
  if (kind === 'postgres') {
    const { url, drop } = await createTestDatabase()
    return { options: { kind, url, poolMin: 1, poolMax: 5 }, drop }
  }
  const folder = await mkdtemp(join(tmpdir(), 'parley-store-'))
  return { options: { kind, path: join(folder, 'parley.db') }, drop: () => rm(folder, { recursive: true }) }
}

/** A migrated, empty store. `list`: the migrations of its database, where they are not those of this version. */
export async function createTestStore(kind: DatabaseKind, list?: MigrationList): Promise<TestStore> {
  const { options, drop } = await createDatabase(kind)
  const migrations = await createMigrations(options, list)
  await migrations.up()
  await migrations.close()
  const opened: Store[] = []
  const another = async (): Promise<Store> => {
    const store = await openStore(options, { onConnectionError: () => undefined })
    opened.push(store)
    return store
  }
  return {
    options,
    store: await another(),
    another,
    async drop() {
      for (const store of opened) await store.close()
      await drop()
    },
  }
}
