import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { Warning } from '../config/warnings.ts'
import { openCopies } from '../store/copy.ts'

/** That a PostgreSQL database nobody has written to stands in place of the embedded one, in which people have. */
export async function findLeftBehind(database: Config['database'], embedded: string): Promise<Warning[]> {
  if (database.kind === 'sqlite' || !existsSync(embedded)) return []
  // No program is needed to look into them.
  const [before, now] = [
    await openCopies({ kind: 'sqlite', path: embedded }, ''),
    await openCopies(database, ''),
  ]
  if ((await before.occupation()) !== 'used' || (await now.occupation()) === 'used') return []
  return [
    {
      found: `nobody has written to the database of DATABASE_URL yet, and what people wrote is in ${embedded}`,
      next: 'stop the server, then parley migrate-data moves it, but not once somebody has written; to begin anew, put that file away',
    },
  ]
}
