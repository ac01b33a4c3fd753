import { existsSync } from 'node:fs'
import { requireMoved } from '../app/left-behind.ts'
import type { Config } from '../config/config.ts'
import { ParleyError } from '../model/errors.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { type ConfigOptions, requireConfig } from './configuration.ts'
import { CommandFailure } from './terminal.ts'

/** Works on the database of an installation that has one; a command must not make one by looking. */
export async function withStore(
  options: ConfigOptions,
  work: (store: Store, config: Config) => Promise<void>,
): Promise<void> {
  const loaded = requireConfig(options)
  const { config } = loaded
  const { database } = config
  if (database.kind === 'sqlite' && !existsSync(database.path))
    throw new CommandFailure(
      `There is no database at ${database.path} yet\n→ start the bot first, or name its parley.yaml with -c`,
    )
  const store = await openStore(database, { onConnectionError: () => undefined })
  try {
    await store.check().catch(async (error: unknown) => {
      if (error instanceof ParleyError && error.code === 'SCHEMA_BEHIND')
        await requireMoved(loaded, error.code)
      throw error
    })
    await work(store, config)
  } finally {
    await store.close()
  }
}
