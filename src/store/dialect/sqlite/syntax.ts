import type { ColumnType, Syntax } from '../dialect.ts'

type Columns = Readonly<Record<string, ColumnType>>

function refuse(): never {
  throw new Error('a statement over rows is for `each`, one over a JSON array for `all`')
}

const shared = {
  using: (index: string): string => `indexed by ${index}`,
  // One writer at a time: the transaction itself is the lock.
  lock: (): string => '',
}

/** The rows come as one JSON array. */
export const sqliteSyntax: Syntax = {
  ...shared,
  rows(name, columns) {
    const fields = Object.keys(columns).map((column) => `value ->> '$.${column}' as ${column}`)
    return `(select ${fields.join(', ')} from json_each(:${name})) as ${name}`
  },
  from: refuse,
  beside: refuse,
  forEach: refuse,
  messagesOfEach: refuse,
}

export interface RowText {
  sql: string
  /** The parameter that holds the rows. */
  table: string
  /** Parameter → the column of the row at hand that it stands for. */
  columns: ReadonlyMap<string, string>
}

/** A statement's text for one row: there is no table of rows, and what names its columns are parameters. */
export function forOneRow(sql: (syntax: Syntax) => string): RowText {
  let table = ''
  const columns = new Map<string, string>()
  const nothing = (name: string, types: Columns): string => {
    table = name
    for (const column of Object.keys(types)) columns.set(`${name}__${column}`, column)
    return ''
  }
  const forEach: Syntax['forEach'] = (name, types, query) => nothing(name, types) + query
  const messagesOfEach: Syntax['messagesOfEach'] = (name, types, condition) =>
    `${nothing(name, types)} where ${condition}`
  const text = sql({ ...shared, rows: refuse, from: nothing, beside: nothing, forEach, messagesOfEach })
  return { sql: text.replaceAll(new RegExp(`\\b${table}\\.(\\w+)`, 'g'), `:${table}__$1`), table, columns }
}
