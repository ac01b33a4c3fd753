import { existsSync, statSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Warning } from '../config/warnings.ts'
import { diagnosed, type ErrorCode } from '../model/errors.ts'
import { openCopies } from '../store/copy.ts'

/**
 * That a PostgreSQL database nobody has written to stands in place of the embedded one, in which people have. Long after a move
 * it is rather a lost database that an empty one stands for: the age of the file tells them apart.
 */
export async function findLeftBehind(database: Config['database'], embedded: string): Promise<Warning[]> {
  if (database.kind === 'sqlite' || !existsSync(embedded)) return []
  const changedAt = latestChange(embedded)
  // No program is needed to look into them.
  const [before, now] = [
    await openCopies({ kind: 'sqlite', path: embedded }, ''),
    await openCopies(database, ''),
  ]
  if ((await before.occupation()) !== 'used' || (await now.occupation()) === 'used') return []
  return [
    {
      found: `nobody has written to the database of DATABASE_URL yet, and what people wrote until ${dayOf(changedAt)} is in ${embedded}`,
      next: 'if it was never moved: with no server running parley migrate-data moves it, but not once somebody has written; if the database was lost since: with no server running parley restore brings its newest backup back; to begin anew, put that file away',
    },
  ]
}

/** Whoever begins on an empty database before that is moved loses the way to move it: throws what to do instead. */
export async function requireMoved(
  { config, embedded }: Pick<LoadedConfig, 'config' | 'embedded'>,
  code: ErrorCode,
): Promise<void> {
  // Where that cannot be told now, what is said anyway is.
  const [left] = await findLeftBehind(config.database, embedded).catch(() => [])
  if (left) throw diagnosed(code, left.found, left.next)
}

/** Its log holds what came last, where nobody has closed it. */
function latestChange(file: string): number {
  const found = [file, `${file}-wal`].map((path) => statSync(path, { throwIfNoEntry: false }))
  return Math.max(...found.map((stats) => (stats && stats.size > 0 ? stats.mtimeMs : 0)))
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
