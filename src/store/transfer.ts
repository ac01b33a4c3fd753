import { createMigrations, type DatabaseOptions } from './open.ts'
import type { TransferSource, TransferTarget } from './transfer-contract.ts'

export {
  type ComparedTable,
  differences,
  nothingToMove,
  type Progress,
  transfer,
  verify,
} from './transfer/transfer.ts'

export interface OpenTransfer {
  source: TransferSource
  target: TransferTarget
  close(): Promise<void>
}

/**
 * Opens the embedded database at `from` and a PostgreSQL database, each alone. Where data `isMoved` both get the schema of this
 * version: nobody uses them then, and the latter has no data or a part of some.
 */
export async function openTransfer(
  from: string,
  to: Extract<DatabaseOptions, { kind: 'postgres' }>,
  isMoved: boolean,
): Promise<OpenTransfer> {
  const [{ openSource }, { openTarget }] = await Promise.all([
    import('./dialect/sqlite/source.ts'),
    import('./dialect/postgres/target.ts'),
  ])
  const source = await openSource(from, isMoved ? () => migrate({ kind: 'sqlite', path: from }) : undefined)
  try {
    const names = source.tables.map(({ name }) => name)
    const target = await openTarget(to.url, isMoved ? { names, migrate: () => migrate(to) } : undefined)
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

async function migrate(options: DatabaseOptions): Promise<void> {
  const migrations = await createMigrations(options)
  try {
    await migrations.up()
  } finally {
    await migrations.close()
  }
}
