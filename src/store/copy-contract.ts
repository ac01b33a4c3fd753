import type { DatabaseOptions } from './open.ts'

/** What can be told of a database and of a copy of it alike. */
export interface DatabaseFacts {
  /** The same for a database and all copies of it, another for each that was made anew or restored into its place. */
  installation: string
  /** Names of the migrations applied, in their order; none: there is no database of ours. */
  migrations: string[]
  /** Those of them on whose schema versions that do not know them work. */
  expanding: string[]
  /** Rows by table. */
  tables: Record<string, number>
}

/** A database in the making or in the place of another. */
export interface Replacement {
  /** The copy, as `copyDatabase` wrote it; of the embedded database a file on the same disk, which is used up. */
  file: string
  /** What stands in its place is kept under a name with this in it. */
  stamp: string
}

/** Copies of a database of one kind. Faults of the operator's are `ParleyError`s of the codes `BACKUP_…`. */
export interface Copies {
  /** A database restored only to be looked at. */
  openScratch(file: string): Promise<{ options: DatabaseOptions; drop(): Promise<void> }>
  /** Writes a consistent copy of one moment into a new file, while others write. */
  copy(file: string): Promise<DatabaseFacts>
  /** Reads every row and page: throws where the copy is not whole. */
  examine(options: DatabaseOptions): Promise<DatabaseFacts>
  /** Which database is in the place; `undefined`: none of ours. */
  installation(): Promise<string | undefined>
  /** How large the database is, in bytes; 0 where there is none. */
  size(): Promise<number>
  /** What is in the place: nothing, a database nobody has written to, or one with people in it. */
  occupation(): Promise<'empty' | 'unused' | 'used'>
  /** The latest turn from the one with that id on; `''`: of all. Ids are made in the order of time. */
  turnSince(id: string): Promise<string | undefined>
  /** Throws where somebody uses the database now. */
  requireIdle(): Promise<void>
  /**
   * Does what takes long, without touching what is in the place. What it resolves with puts the copy there, all or nothing
   * even when killed, and tells where what was there is kept; it throws where somebody uses the database by then. Replies that
   * were not known to be sent become uncertain: whoever made the copy went on and probably sent them.
   */
  makeReady(replacement: Replacement): Promise<() => Promise<string | undefined>>
}
