import { existsSync, statSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Warning } from '../config/warnings.ts'
import { diagnosed, type ErrorCode } from '../model/errors.ts'
import { type Copies, openCopies } from '../store/copy.ts'

/**
 * That a PostgreSQL database stands in place of the embedded one which nobody has written to, or not since people last wrote to
 * the file: after a move somebody went back to that. Long after a move it is rather a lost database that an empty one stands
 * for: the age of the file tells them apart.
 */
export async function findLeftBehind(database: Config['database'], embedded: string): Promise<Warning[]> {
  if (database.kind === 'sqlite' || !existsSync(embedded)) return []
  const changedAt = latestChange(embedded)
  // No program is needed to look into them.
  const [before, now] = [
    await openCopies({ kind: 'sqlite', path: embedded }, ''),
    await openCopies(database, ''),
  ]
  if ((await before.occupation()) !== 'used') return []
  if ((await now.occupation()) === 'used') {
    if (!(await isOlder(now, before))) return []
    return [
      {
        found: `what people wrote last, until ${dayOf(changedAt)}, is in ${embedded}, and the database of DATABASE_URL has an older copy of it`,
        next: 'with no server running name an empty database in DATABASE_URL (createdb), then parley migrate-data; to go on with the older copy, put that file away',
      },
    ]
  }
  return [
    {
      found: `nobody has written to the database of DATABASE_URL yet, and what people wrote until ${dayOf(changedAt)} is in ${embedded}`,
      next: 'if it was never moved: with no server running parley migrate-data moves it, but not once somebody has written; if the database was lost since: with no server running parley restore brings its newest backup back; to begin anew, put that file away',
    },
  ]
}

async function isOlder(database: Copies, file: Copies): Promise<boolean> {
  if ((await database.installation()) === undefined) return false
  const latest = await file.turnSince('')
  return latest !== undefined && (await database.turnSince(latest)) === undefined
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
