import type { Copies } from './copy-contract.ts'
import type { DatabaseOptions } from './open.ts'

export type { Copies, DatabaseFacts } from './copy-contract.ts'

/** `path`: where programs are found, as the environment says. Loads only the driver that is used. */
export async function openCopies(options: DatabaseOptions, path: string): Promise<Copies> {
  if (options.kind === 'sqlite') {
    const { createSqliteCopies } = await import('./dialect/sqlite/copies.ts')
    return createSqliteCopies(options.path)
  }
  const { createPostgresCopies } = await import('./dialect/postgres/copies.ts')
  return createPostgresCopies(options, path)
}
