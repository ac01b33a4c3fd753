import type { Syntax } from '../dialect.ts'

export const sqliteSyntax: Syntax = {
  rows(name, columns) {
    const fields = Object.keys(columns).map((column) => `value ->> '$.${column}' as ${column}`)
    return `(select ${fields.join(', ')} from json_each(:${name})) as ${name}`
  },
  // One writer at a time: the transaction itself is the lock.
  forUpdate: () => '',
}
