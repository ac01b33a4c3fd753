import BetterSqlite3 from 'better-sqlite3'

interface Column {
  name: string
  type: string
}

/** Texts that are hard to carry: quotes, what JSON escapes, several planes of Unicode, a line's end, nothing. */
const texts = ['plain', '"quoted" \\ and \\u0041', 'здравствуйте', '😀 é e\u0301 \u2028', 'two\nlines\t', '']

/** Rows in every table of an embedded database, whatever its columns; those that refer to others find them. */
export function fillEveryTable(path: string, rows: number): void {
  const db = new BetterSqlite3(path)
  db.pragma('foreign_keys = off')
  const names = db
    .prepare<[], string>(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'
        and name not like 'kysely_%' and name <> 'schema_changes'`,
    )
    .pluck()
    .all()
  db.transaction(() => {
    for (const table of names) fill(db, table, rows)
  })()
  const orphans = db.pragma('foreign_key_check')
  db.close()
  if (Array.isArray(orphans) && orphans.length > 0) throw new Error(`orphans: ${JSON.stringify(orphans[0])}`)
}

function fill(db: BetterSqlite3.Database, table: string, rows: number): void {
  const columns = db.pragma(`table_info(${table})`) as (Column & { pk: number })[]
  const references = db.pragma(`foreign_key_list(${table})`) as { from: string }[]
  const isKey = (name: string): boolean =>
    columns.some((column) => column.name === name && column.pk > 0) ||
    references.some(({ from }) => from === name)
  const insert = db.prepare(
    `insert into ${table} (${columns.map(({ name }) => name).join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  )
  for (let nth = 0; nth < rows; nth += 1)
    insert.run(...columns.map(({ name, type }) => valueOf(type, isKey(name), nth)))
}

function valueOf(type: string, isKey: boolean, nth: number): string | number {
  // Sorted otherwise by bytes than by the rules of any language.
  if (isKey) return type === 'text' ? `${'zÄa-É_'[nth % 6]}${nth}` : nth
  if (type === 'text') return `${texts[nth % texts.length]}${nth}`
  if (type === 'real') return 1 / (nth + 3)
  return type === 'bigint' ? 1_790_000_000_000 + nth : nth
}

/** More messages, of as many conversations as there are. */
export function addMessages(path: string, count: number): void {
  const db = new BetterSqlite3(path)
  db.prepare(
    `insert into messages (conversation_id, seq, author, kind, text, platform_id, state, attempts, next_at, plain, suspect,
        created_at)
      with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n + 1 < ?)
      select places.id, 1000 + n, 'contact', 'text', 'message ' || n || ' of somebody who writes as people write: «да» 😀',
        '', 'handled', 0, 0, 0, 0, 1790000000000 + n
      from numbers join (select id, row_number() over (order by id) - 1 as nth, count(*) over () as many from conversations)
        as places on places.nth = n % places.many`,
  ).run(count)
  db.close()
}
