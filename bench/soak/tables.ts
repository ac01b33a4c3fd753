/**
 * Counts the rows and bytes of every table of an embedded database, in a process of its own, because counting millions
 * takes a while. Argument: the file. Prints a JSON object, table → { rows, bytes }.
 */
import BetterSqlite3 from 'better-sqlite3'
import { sqliteSizes } from '../growth/size.ts'

const [path = ''] = process.argv.slice(2)
const sizes = sqliteSizes(path)
const db = new BetterSqlite3(path, { readonly: true })
const tables = [...sizes.keys()].filter((name) => !name.startsWith('sqlite'))
const counts = tables.map((name) => {
  const row = db.prepare<[], { rows: number }>(`select count(*) as rows from "${name}"`).get()
  return [name, { rows: row?.rows ?? 0, bytes: sizes.get(name) ?? 0 }]
})
db.close()
process.stdout.write(JSON.stringify(Object.fromEntries(counts)))
