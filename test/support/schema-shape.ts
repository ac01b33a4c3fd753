import type { DatabaseOptions } from '../../src/store/open.ts'
import { query } from './sql.ts'

interface Column {
  /** Its type and whether it may be null. */
  kind: string
  /** May be left out by who adds a row. */
  isOptional: boolean
}

/** What a version that knows a schema relies on, and what may refuse its work. */
export interface Shape {
  tables: Map<string, Map<string, Column>>
  /** `contacts: unique (channel, platform_id)`. */
  restrictions: string[]
  references: { from: string; to: string; onDelete: string }[]
}

type Row = Record<string, string | number | null>

interface Questions {
  columns: string
  uniques: string
  references: string
}

const ofSqlite: Questions = {
  columns: `select t.name as "table", c.name as "column", c.type, c."notnull" as required, c.dflt_value as preset, c.pk as key
    from sqlite_master t, pragma_table_info(t.name) c where t.type = 'table' and t.name not like 'sqlite_%'`,
  uniques: `select t.name as "table", (select group_concat(name) from pragma_index_info(i.name)) as columns
    from sqlite_master t, pragma_index_list(t.name) i where t.type = 'table' and i."unique" = 1`,
  references: `select t.name as "from", f."table" as "to", f.on_delete as action
    from sqlite_master t, pragma_foreign_key_list(t.name) f where t.type = 'table'`,
}

const ofPostgres: Questions = {
  columns: `select table_name as "table", column_name as "column", data_type as type,
      case is_nullable when 'NO' then 1 else 0 end as required, column_default as preset, 0 as key
    from information_schema.columns where table_schema = 'public'`,
  uniques: `select indrelid::regclass::text as "table", pg_get_indexdef(indexrelid) as columns from pg_index
    join pg_class on pg_class.oid = indrelid where indisunique and relnamespace = 'public'::regnamespace
    union all select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint
    where contype in ('c', 'x') and connamespace = 'public'::regnamespace`,
  references: `select conrelid::regclass::text as "from", confrelid::regclass::text as "to",
      case confdeltype when 'c' then 'CASCADE' when 'n' then 'SET NULL' else 'NO ACTION' end as action
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`,
}

export async function shapeOf(options: DatabaseOptions): Promise<Shape> {
  const questions = options.kind === 'sqlite' ? ofSqlite : ofPostgres
  const tables: Shape['tables'] = new Map()
  for (const row of await query<Row>(options, questions.columns)) {
    const table = String(row['table'])
    const required = Number(row['required']) === 1 || Number(row['key']) > 0
    const column = {
      kind: `${row['type']}${required ? ' not null' : ''}`,
      isOptional: !required || row['preset'] !== null,
    }
    tables.set(table, (tables.get(table) ?? new Map()).set(String(row['column']), column))
  }
  const uniques = await query<Row>(options, questions.uniques)
  const references = await query<Row>(options, questions.references)
  return {
    tables,
    restrictions: uniques.map((row) => `${row['table']}: unique (${row['columns']})`).toSorted(),
    references: references.map((row) => ({
      from: String(row['from']),
      to: String(row['to']),
      onDelete: String(row['action']),
    })),
  }
}

/** Why a version that worked on the schema before may not work on the one after; empty when it does as far as shapes tell. */
export function contractions(before: Shape, after: Shape): string[] {
  const problems: string[] = []
  for (const [table, columns] of before.tables) {
    const now = after.tables.get(table)
    if (!now) problems.push(`${table} is gone`)
    for (const [name, { kind }] of now ? columns : []) {
      const found = now?.get(name)?.kind
      if (found !== kind) problems.push(`${table}.${name} was ${kind}, is ${found ?? 'gone'}`)
    }
    for (const [name, { isOptional }] of now ?? [])
      if (!columns.has(name) && !isOptional) problems.push(`${table}.${name} is new and must be given`)
  }
  const isOld = (restriction: string): boolean => before.tables.has(restriction.split(':', 1)[0] ?? '')
  const [old, now] = [before.restrictions, after.restrictions.filter(isOld)]
  problems.push(...now.filter((one) => !old.includes(one)).map((one) => `new: ${one}`))
  problems.push(...old.filter((one) => !now.includes(one)).map((one) => `gone: ${one}`))
  const known = before.references.map(({ from, to }) => `${from} ${to}`)
  for (const { from, to, onDelete } of after.references) {
    if (!before.tables.has(to) || known.includes(`${from} ${to}`)) continue
    if (before.tables.has(from)) problems.push(`${from} refers to ${to} now`)
    else if (!['CASCADE', 'SET NULL'].includes(onDelete))
      problems.push(`${from} keeps rows of ${to} from being deleted`)
  }
  return problems
}
