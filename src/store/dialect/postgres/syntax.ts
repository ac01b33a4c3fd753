import type { Syntax } from '../dialect.ts'

export const postgresSyntax: Syntax = {
  rows(name, columns) {
    const fields = Object.entries(columns).map(
      ([column, type]) => `${column} ${type === 'real' ? 'double precision' : type}`,
    )
    return `json_to_recordset(cast(:${name} as json)) as ${name} (${fields.join(', ')})`
  },
  forUpdate: (skipLocked) => (skipLocked ? 'for update skip locked' : 'for update'),
}
