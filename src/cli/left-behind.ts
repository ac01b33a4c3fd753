import { findLeftBehind } from '../app/left-behind.ts'
import type { LoadedConfig } from '../config/load.ts'
import { type ConfigOptions, sameBot } from './configuration.ts'
import { onBot } from './spelling.ts'
import { CommandFailure } from './terminal.ts'

/**
 * Before anybody writes to an empty database, or to an older copy: what people wrote to the file would be out of their sight, and
 * could not be moved any more. Where that cannot be told now it keeps nobody from starting.
 */
export async function refuseToLeaveBehind(
  { config, embedded }: LoadedConfig,
  options: ConfigOptions,
): Promise<void> {
  const [left] = await findLeftBehind(config.database, embedded).catch(() => [])
  if (left) throw new CommandFailure(`${left.found}\n→ ${onBot(left.next, sameBot(options))}`, 2)
}
