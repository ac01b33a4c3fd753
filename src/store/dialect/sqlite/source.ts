import type BetterSqlite3 from 'better-sqlite3'
import { diagnosed, type ParleyError } from '../../../model/errors.ts'
import type { Applied } from '../../applied.ts'
import { installationOf, stopFirst } from '../../copy-facts.ts'
import { migrations } from '../../migrations/index.ts'
import type { TableShape, TransferRow, TransferSource } from '../../transfer-contract.ts'
import { isMoved, movedRows } from '../../transfer-tables.ts'
import type { ColumnType } from '../dialect.ts'
import { isBusy } from './errors.ts'
import { appliedIn, markOf, namesIn } from './facts.ts'
import { takeAlone } from './replace.ts'

/**
 * The embedded database at `path`, for this process alone; throws while another has it open. `migrate` brings one that an older
 * version left to the schema of this one; without it such a one is refused.
 */
export async function openSource(path: string, migrate?: () => Promise<void>): Promise<TransferSource> {
  if (migrate && isBehind(path)) await migrate()
  const { db, giveBack } = take(path)
  try {
    const names = namesIn(db)
    const applied = appliedIn(db, names)
    requireOwnSchema(path, applied)
    return {
      installation: installationOf(applied, markOf(db, names)),
      tables: inOrder(db, names.filter(isMoved)).map((name) => shapeOf(db, name)),
      count: ({ name }) =>
        Number(
          db
            .prepare(`select count(*) from ${name} where ${movedRows(name)}`)
            .pluck()
            .get(),
        ),
      rows: (table, after, limit) => read(db, table, after, limit),
      close: giveBack,
    }
  } catch (error) {
    giveBack()
    throw error
  }
}

/** Whether it is one of ours, and lacks migrations of this version. */
function isBehind(path: string): boolean {
  const { db, giveBack } = take(path)
  try {
    const applied = appliedIn(db, namesIn(db))
    return applied.length > 0 && missingIn(applied).length > 0
  } finally {
    giveBack()
  }
}

function take(path: string): ReturnType<typeof takeAlone> {
  try {
    return takeAlone(path)
  } catch (error) {
    const [found, next] = isBusy(error)
      ? ['A server or a command works on it', stopFirst]
      : [
          error instanceof Error ? error.message : String(error),
          'name the file with --from, or DATABASE_PATH',
        ]
    throw refusal(`${path} cannot be read alone: ${found}`, next)
  }
}

const refusal = (found: string, next: string): ParleyError => diagnosed('TRANSFER_REFUSED', found, next)

/** What the other database gets is the schema of this version, no other. */
function requireOwnSchema(path: string, applied: readonly Applied[]): void {
  if (applied.length === 0)
    throw refusal(`${path} is no database of Parley`, 'name the file with --from, or DATABASE_PATH')
  if (missingIn(applied).length > 0)
    throw refusal(`${path} lacks migrations of this version`, 'compare with the version that moved it')
  if (applied.length > Object.keys(migrations).length)
    throw refusal(`A newer version migrated ${path}`, 'move its data with that version')
}

const missingIn = (applied: readonly Applied[]): string[] =>
  Object.keys(migrations).filter((name) => !applied.some((one) => one.name === name))

/** Each table after those it refers to. */
function inOrder(db: BetterSqlite3.Database, names: readonly string[]): string[] {
  const ordered: string[] = []
  const add = (name: string): void => {
    if (ordered.includes(name) || !names.includes(name)) return
    const references = db.pragma(`foreign_key_list(${name})`) as { table: string }[]
    for (const { table } of references) if (table !== name) add(table)
    ordered.push(name)
  }
  for (const name of names) add(name)
  return ordered
}

function shapeOf(db: BetterSqlite3.Database, name: string): TableShape {
  const found = db.pragma(`table_info(${name})`) as { name: string; type: string; pk: number }[]
  const columns = found
    .map((column) => ({ name: column.name, type: column.type.toLowerCase() as ColumnType }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const key = found.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk)
  return { name, columns, key: key.map((column) => column.name) }
}

const statements = new WeakMap<TableShape, Record<'first' | 'next', BetterSqlite3.Statement>>()

function read(
  db: BetterSqlite3.Database,
  table: TableShape,
  after: TransferRow | undefined,
  limit: number,
): TransferRow[] {
  const prepared = statements.get(table) ?? prepare(db, table)
  statements.set(table, prepared)
  const rows = after ? prepared.next.raw().all(...after, limit) : prepared.first.raw().all(limit)
  return rows as TransferRow[]
}

function prepare(db: BetterSqlite3.Database, { name, columns, key }: TableShape) {
  const select = `select ${columns.map((column) => column.name).join(', ')} from ${name} where ${movedRows(name)}`
  const order = `order by ${key.join(', ')} limit ?`
  const beyond = `and (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`
  return { first: db.prepare(`${select} ${order}`), next: db.prepare(`${select} ${beyond} ${order}`) }
}
