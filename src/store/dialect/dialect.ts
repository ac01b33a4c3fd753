/** A value a statement takes: structures go in as JSON text. */
export type Value = string | number | null

/** The rows of a table that stands in a statement's parameters. */
export type Rows = readonly Readonly<Record<string, unknown>>[]

/** Where statements run: inside a transaction, or on their own for reading. */
export interface Session {
  /**
   * Runs a statement prepared once per connection and returns its rows. Within a transaction a change that tells no rows may
   * still be on its way when this resolves: all statements run in the order in which they were asked for, and what one is
   * refused for the next one that tells rows throws, or the end of the transaction.
   */
  all<P extends Record<string, Value>, R>(statement: Statement<P, R>, params: P): Promise<R[]>
  /**
   * The same for a statement over a table of rows that are independent of each other, which stand in `params` under that
   * table's name: in one go, or one by one where that is cheaper. A text that looks across its rows (a limit, an aggregate)
   * is for `all` only.
   */
  each<P extends Record<string, Value | Rows>, R>(statement: Statement<P, R>, params: P): Promise<R[]>
  /**
   * Runs a statement that does nothing but lock its rows until the end of the transaction, so that the next statement sees
   * what others had committed; where one transaction writes at a time there is nothing to do.
   */
  lock<P extends Record<string, Value | Rows>>(statement: Statement<P, object>, params: P): Promise<void>
  /** Adds rows to a table, each with every column named, in their order; in the way that is cheapest here. */
  insert<C extends string>(into: Insertion<C>, rows: readonly Record<C, Value>[]): Promise<void>
}

export interface WriteOptions {
  /**
   * The changes matter only as long as this process lives: SQLite resolves when all see them and leaves the sync to the
   * next durable commit; the failure of the machine may undo them together with all that came after. PostgreSQL's server
   * may fail without us, so there they are as durable as everything.
   */
  brief?: boolean
}

/** The database behind the store. */
export interface Database {
  readonly reader: Session
  /**
   * Runs `work` in a transaction; resolves when the changes are durable, or earlier where `options` say so. When `work`
   * throws, its changes are undone and the error is passed on. Several works may share a transaction: `work` awaits nothing
   * but its session.
   */
  transaction<T>(work: (session: Session) => Promise<T>, options?: WriteOptions): Promise<T>
  /** `Store.gatherMs` */
  readonly gatherMs: number
  /** 0 to 1: how much of the connections is in use. */
  usage(): number
  close(): Promise<void>
}

export type ColumnType = 'text' | 'bigint' | 'integer' | 'real'

/** A table that rows are added to, and its columns: name → SQL type. */
export interface Insertion<C extends string> {
  table: string
  columns: Readonly<Record<C, ColumnType>>
  /** Columns that are the same in every row: name → SQL literal. What is named nowhere is null. */
  constants?: Readonly<Record<string, string>>
}

export interface Syntax {
  /** For `all`: a table made of the JSON array in parameter `:name`, under the alias `name`. `columns`: name → SQL type. */
  rows(name: string, columns: Readonly<Record<string, ColumnType>>): string
  /** For `each`: the rows of parameter `:name` as the table `name`, in an update, or for a select of nothing else. */
  from(name: string, columns: Readonly<Record<string, ColumnType>>): string
  /** The same beside the tables that stand before it in the `from` of a select. */
  beside(name: string, columns: Readonly<Record<string, ColumnType>>): string
  /** For `each`: what `query`, which may look back at the columns of `name`, finds for each row of parameter `:name`. */
  forEach(name: string, columns: Readonly<Record<string, ColumnType>>, query: string): string
  /**
   * For `each`, behind the `set` of an update of `messages`: those that `condition` finds for each row of parameter `:name`. It may
   * look back at the columns of `name`. What it reads nobody else changes meanwhile, by a lock of their conversations taken
   * before: PostgreSQL looks at their key alone again.
   */
  messagesOfEach(name: string, columns: Readonly<Record<string, ColumnType>>, condition: string): string
  /** After a table's name: its rows are found by this index, whatever else the planner may think of. */
  using(index: string): string
  /**
   * At the end of a select: locks the rows it found until the end of the transaction, in the order of `column`, which is
   * the same for all processes; `skipLocked` leaves out those others hold.
   */
  lock(column: string, skipLocked?: 'skip locked'): string
}

export interface StatementText {
  readonly sql: (syntax: Syntax) => string
}

/** One SQL text for both databases, with `:name` for parameters. `R` is the shape of a row. */
export interface Statement<P extends Record<string, Value | Rows>, R> extends StatementText {
  /** Never set: carries the types. */
  readonly types?: { params: P; row: R }
}

/**
 * Whether the time in `column` has come at `:now`. What is further ahead than `mostMs`, which no lease and no pause is,
 * was set before the clock was turned back.
 */
export const isPast = (column: string, mostMs = 900_000): string =>
  `(${column} <= :now or ${column} > :now + ${mostMs})`

export function statement<P extends Record<string, Value | Rows>, R>(
  sql: (syntax: Syntax) => string,
): Statement<P, R> {
  return { sql }
}

/**
 * A statement's text, and the names of its parameters in the order their values are bound: `numbered` writes $1, $2 …
 * and binds each name once, otherwise `+?` stands for one value each: SQLite plans a statement anew at every run when a
 * bare parameter stands beside an indexed column (https://sqlite.org/c3ref/prepare.html), which takes ten times as long as
 * the run itself.
 */
export function compile(
  statement: StatementText,
  syntax: Syntax,
  style: 'numbered' | 'anonymous',
): { text: string; names: string[] } {
  const names: string[] = []
  const text = statement.sql(syntax).replace(/(?<![:\w]):([a-z]\w*)/gi, (_, name: string) => {
    if (style === 'numbered' && names.includes(name)) return `$${names.indexOf(name) + 1}`
    names.push(name)
    return style === 'numbered' ? `$${names.length}` : '+?'
  })
  return { text, names }
}
