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
  forEach: (name, columns, query) =>
    `select found.* from ${rows(name, columns)} cross join lateral (${query}) as found`,
  // Row by row: it keeps a plan of when nothing waited, and compares all that waits with each row. A row that somebody else changes
  // meanwhile is looked at again by its key, which stays.
  messagesOfEach: (name, columns, condition) => `
    from ${rows(name, columns)} cross join lateral (
      select messages.conversation_id, messages.seq from messages where ${condition} offset 0) as found
    where messages.conversation_id = found.conversation_id and messages.seq = found.seq`,
  // PostgreSQL knows how few rows a partial index has.
  using: () => '',
  // What an update takes as well: others may go on referring to these rows (postgresql.org/docs/current/explicit-locking.html).
  lock: (column, skipLocked) => `order by ${column} for no key update ${skipLocked ?? ''}`,
}
