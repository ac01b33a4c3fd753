/** Tables that say how far a database is, not what is in it. */
const ofTheSchema = ['kysely_migration', 'kysely_migration_lock', 'schema_changes', 'transfer_bookmarks']

/** Whether the rows of a table are moved from one database to another. A new table is, without a word here. */
export const isMoved = (name: string): boolean => !ofTheSchema.includes(name)

/** Begins the name of what tells that all of a file was moved here. */
export const movedMark = 'moved.'

/** Which rows of a table are moved, for `where`. What was said of one database is true of no other. */
export const movedRows = (name: string): string =>
  name === 'leases' ? `name not like 'backup%' and name not like '${movedMark}%'` : 'true'
