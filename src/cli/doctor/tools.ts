import { wantsBackups } from '../../app/backup-wanted.ts'
import type { Config } from '../../config/config.ts'
import { processEnvironment } from '../../config/env.ts'
import { findTools } from '../../store/dialect/postgres/tools.ts'
import { failure, type Item, ok, skip } from './item.ts'

const name = 'backup tools'

/**
 * The programs that copy a PostgreSQL server are here, and new enough. Where this bot takes no backup by itself, whoever takes
 * one may have them elsewhere. `programs`: a folder in place of the usual ones.
 */
export function checkTools(
  config: Pick<Config, 'environment' | 'backup'>,
  serverMajor: number,
  programs?: string,
): Item {
  if (!wantsBackups(config))
    return skip(name, 'not looked for: in development none are expected without backup.daily_at')
  try {
    findTools(serverMajor, programs ?? processEnvironment(process.cwd())['PATH'] ?? '', programs)
    return ok(name, `pg_dump, pg_restore and psql are here, new enough for PostgreSQL ${serverMajor}`)
  } catch (error) {
    const found = failure(name, error, `install the client of PostgreSQL ${serverMajor}`)
    return config.backup.dailyAt === undefined ? { ...found, status: 'warn' } : found
  }
}
