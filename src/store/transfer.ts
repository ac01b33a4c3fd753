import { unfinished } from './applied.ts'
import { createMigrations, type DatabaseOptions } from './open.ts'
import type { TransferSource, TransferTarget } from './transfer-contract.ts'

export { compare, type ComparedTable, differences, type Progress, transfer } from './transfer/transfer.ts'

export interface OpenTransfer {
  source: TransferSource
  target: TransferTarget
  close(): Promise<void>
}

/** Opens the embedded database at `from` and a PostgreSQL database, each alone; the latter gets the schema of this version. */
export async function openTransfer(
  from: string,
  to: Extract<DatabaseOptions, { kind: 'postgres' }>,
): Promise<OpenTransfer> {
  const [{ openSource }, { openTarget }] = await Promise.all([
    import('./dialect/sqlite/source.ts'),
    import('./dialect/postgres/target.ts'),
  ])
  const source = openSource(from)
  try {
    await prepare(to)
    const target = await openTarget(to.url)
    return {
      source,
      target,
      async close() {
        source.close()
        await target.close()
      },
    }
  } catch (error) {
    source.close()
    throw error
  }
}

/** What holds a part of the data has the schema already, and lets nobody migrate it. */
async function prepare(to: DatabaseOptions): Promise<void> {
  const migrations = await createMigrations(to)
  try {
    const status = await migrations.status()
    if (!status.some(({ name }) => name.startsWith(unfinished))) await migrations.up()
  } finally {
    await migrations.close()
  }
}
