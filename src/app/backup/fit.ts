import { backupFault, damaged } from '../../backup/fault.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { type BackupName, formatName } from '../../backup/name.ts'
import type { Config } from '../../config/config.ts'
import { partOnly, unfinished } from '../../store/applied.ts'
import { migrations } from '../../store/migrations/index.ts'

/** Throws where a backup is another one than its name says: whoever renames an old one would bring it back as the newest. */
export function requireNamed({ takenAt, installation }: Manifest, name: BackupName): void {
  const own = formatName({ ...name, takenAt: Date.parse(takenAt), installation })
  if (own !== name.name) throw damaged(`its name is ${name.name}, and by its own list it is ${own}`)
}

const kinds = { sqlite: 'of the embedded database', postgres: 'of PostgreSQL' } as const

/** Throws where a backup cannot live here: it is of the other kind of database, or of a schema on which this version does not work. */
export function requireFit({ database, version }: Manifest, config: Pick<Config, 'database'>): void {
  if (database.kind !== config.database.kind)
    throw backupFault(
      'BACKUP_UNFIT',
      `The backup is ${kinds[database.kind]}, and this installation has one ${kinds[config.database.kind]}`,
      database.kind === 'sqlite'
        ? 'unset DATABASE_URL to restore it'
        : 'set DATABASE_URL to the PostgreSQL database it is to be restored into',
    )
  if (database.migrations.some((name) => name.startsWith(unfinished)))
    throw backupFault(
      'BACKUP_UNFIT',
      partOnly,
      'parley migrate-data goes on with it; a backup comes after that',
    )
  const unknown = database.migrations.filter(
    (name) => !(name in migrations) && !database.expanding.includes(name),
  )
  if (unknown.length > 0)
    throw backupFault(
      'BACKUP_UNFIT',
      `The backup was made by Parley ${version}, whose schema is newer than this version knows (${unknown.join(', ')})`,
      `install Parley ${version} or newer, and restore with that`,
    )
}
