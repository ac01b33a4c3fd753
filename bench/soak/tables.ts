/**
 * Counts the rows of every table of an embedded database, in a process of its own, because counting millions takes a
 * while. Argument: the file. Prints a JSON object.
 */
import BetterSqlite3 from 'better-sqlite3'

const [path = ''] = process.argv.slice(2)
const db = new BetterSqlite3(path, { readonly: true })
const tables = db
  .prepare<[], { name: string }>(
    `select name from sqlite_master where type = 'table' and name not like 'sqlite%'`,
  )
  .all()
const counts = tables.map(({ name }) => {
  const row = db.prepare<[], { rows: number }>(`select count(*) as rows from "${name}"`).get()
  return [name, row?.rows ?? 0]
})
db.close()
process.stdout.write(JSON.stringify(Object.fromEntries(counts)))
