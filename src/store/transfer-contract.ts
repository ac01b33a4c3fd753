import type { ColumnType } from './dialect/dialect.ts'

export interface TableShape {
  name: string
  /** In the order of their names. */
  columns: { name: string; type: ColumnType }[]
  /** The columns of the primary key. */
  key: string[]
}

/** Values in the order of the table's columns. */
export type TransferRow = readonly (string | number | null)[]

/** The embedded database, held alone until it is closed. */
export interface TransferSource {
  installation: string
  /** Tables whose data is moved, each after those it refers to. */
  tables: TableShape[]
  count(table: TableShape): number
  /** At most `limit` rows in the order of the key, beginning after the key `after`. */
  rows(table: TableShape, after: TransferRow | undefined, limit: number): TransferRow[]
  close(): void
}

/** How far a table was moved: the key of its last row, and the rows so far. */
export interface Bookmark {
  after: TransferRow | undefined
  rows: number
}

/** The database data is moved into. */
export interface TransferTarget {
  tables: TableShape[]
  /** Whether a transfer into it was begun and is not finished. */
  isPart(): Promise<boolean>
  /** Whether there is no data but what an interrupted transfer put there. */
  isEmpty(): Promise<boolean>
  /** Throws where it is not. */
  requireEmpty(): Promise<void>
  /** Whether all of the data with this digest was moved here once. */
  hasHad(digest: string): Promise<boolean>
  /** Begins, or goes on with what was interrupted; throws where there is other data. `restart`: what was moved goes first. */
  begin(installation: string, restart: boolean): Promise<void>
  bookmark(table: TableShape): Promise<Bookmark>
  /** Adds rows and moves the bookmark, both or none. */
  append(table: TableShape, rows: readonly TransferRow[], bookmark: Bookmark): Promise<void>
  /** All rows, some at a time, in no order. */
  scan(table: TableShape): AsyncIterable<readonly TransferRow[]>
  /** From now on versions work on it. `digest`: of all that was moved. */
  finish(digest: string): Promise<void>
  close(): Promise<void>
}
