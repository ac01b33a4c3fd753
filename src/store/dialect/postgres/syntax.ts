import type { ColumnType, Syntax } from '../dialect.ts'

function rows(name: string, columns: Readonly<Record<string, ColumnType>>): string {
  const fields = Object.entries(columns).map(
    ([column, type]) => `${column} ${type === 'real' ? 'double precision' : type}`,
  )
  return `json_to_recordset(cast(:${name} as json)) as ${name} (${fields.join(', ')})`
}

export const postgresSyntax: Syntax = {
  rows,
  from: (name, columns) => `from ${rows(name, columns)}`,
  beside: (name, columns) => `, ${rows(name, columns)}`,
  // PostgreSQL knows how few rows a partial index has.
  using: () => '',
  lock: (column, skipLocked) => `order by ${column} for update ${skipLocked ?? ''}`,
}
