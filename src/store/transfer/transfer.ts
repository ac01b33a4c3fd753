import { createHash } from 'node:crypto'
import { diagnosed, type ParleyError } from '../../model/errors.ts'
import { partOnly } from '../applied.ts'
import type { TableShape, TransferRow, TransferSource, TransferTarget } from '../transfer-contract.ts'
import { createDigest, type TableDigest } from './digest.ts'

export interface TransferNeeds {
  source: TransferSource
  target: TransferTarget
  /** Told how far it is. */
  onProgress(progress: Progress): void
}

export interface Progress {
  step: 'copy' | 'compare'
  table: string
  /** Of this table. */
  rows: number
  of: number
}

export interface ComparedTable {
  name: string
  source: TableDigest
  target: TableDigest
}

const batch = 1000

/** Moves every row that is not there yet, and proves it. Throws `TRANSFER_FAILED` where the two are not the same then. */
export async function transfer(needs: TransferNeeds, restart: boolean): Promise<ComparedTable[]> {
  const { source, target } = needs
  await target.requireEmpty()
  requireSameTables(source.tables, target.tables)
  await target.begin(source.installation, restart)
  for (const table of source.tables) await copyTable(needs, table)
  const compared = await compare(needs)
  const different = differences(compared)
  if (different.length > 0) throw changed(different)
  await target.finish(digestOf(compared))
  return compared
}

/**
 * Why there is nothing to move into a database that has data: all of it was `moved` there before, whatever was written since, or
 * nobody has written to the file.
 */
export async function nothingToMove({
  source,
  target,
}: TransferNeeds): Promise<'moved' | 'unused' | undefined> {
  if (await target.isEmpty()) return undefined
  const written = source.tables.filter(({ name }) => name === 'messages' || name === 'contacts')
  if (written.every((table) => source.count(table) === 0)) return 'unused'
  const digests: Digested[] = []
  for (const table of source.tables) {
    const digest = createDigest(table)
    for (const rows of batches(source, table)) {
      digest.add(rows)
      await breathe()
    }
    digests.push({ name: table.name, source: digest.result() })
  }
  return (await target.hasHad(digestOf(digests))) ? 'moved' : undefined
}

type Digested = Pick<ComparedTable, 'name' | 'source'>

const digestOf = (tables: readonly Digested[]): string =>
  createHash('sha256')
    .update(
      tables
        .map(({ name, source }) => `${name} ${source.rows} ${source.checksum}`)
        .toSorted()
        .join('\n'),
    )
    .digest('hex')

/** Counts and checksums of every table on both sides. Throws where moving was interrupted: what is missing then is yet to come. */
export async function verify(needs: TransferNeeds): Promise<ComparedTable[]> {
  if (await needs.target.isPart())
    throw diagnosed(
      'TRANSFER_REFUSED',
      partOnly,
      'parley migrate-data goes on with it, and compares both at its end',
    )
  return compare(needs)
}

async function compare({ source, target, onProgress }: TransferNeeds): Promise<ComparedTable[]> {
  requireSameTables(source.tables, target.tables)
  const compared: ComparedTable[] = []
  for (const table of source.tables) {
    const of = source.count(table)
    const tell = (rows: number): void => onProgress({ step: 'compare', table: table.name, rows, of })
    const [here, there] = [createDigest(table), createDigest(table)]
    for (const rows of batches(source, table)) {
      here.add(rows)
      tell(here.result().rows / 2)
      await breathe()
    }
    for await (const rows of target.scan(table)) {
      there.add(rows)
      tell((of + there.result().rows) / 2)
    }
    compared.push({ name: table.name, source: here.result(), target: there.result() })
  }
  return compared
}

/** Names of the tables that are not the same. */
export const differences = (compared: readonly ComparedTable[]): string[] =>
  compared
    .filter(({ source, target }) => source.rows !== target.rows || source.checksum !== target.checksum)
    .map(({ name }) => name)

async function copyTable({ source, target, onProgress }: TransferNeeds, table: TableShape): Promise<void> {
  let { after, rows } = await target.bookmark(table)
  const of = source.count(table)
  for (const next of batches(source, table, after)) {
    after = keyOf(table, next.at(-1) ?? [])
    rows += next.length
    await target.append(table, next, { after, rows })
    onProgress({ step: 'copy', table: table.name, rows, of })
  }
}

function* batches(source: TransferSource, table: TableShape, from?: TransferRow): Generator<TransferRow[]> {
  for (let after = from; ; ) {
    const rows = source.rows(table, after, batch)
    if (rows.length > 0) yield rows
    if (rows.length < batch) return
    after = keyOf(table, rows.at(-1) ?? [])
  }
}

const keyOf = ({ columns, key }: TableShape, row: TransferRow): TransferRow =>
  key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null)

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function oddAmong(here: readonly TableShape[], there: readonly TableShape[]): string[] {
  const shown = (tables: readonly TableShape[]): string[] =>
    tables
      .map(({ name, columns }) => `${name} (${columns.map((column) => column.name).join(', ')})`)
      .toSorted()
  const [source, target] = [shown(here), shown(there)]
  return [...source.filter((one) => !target.includes(one)), ...target.filter((one) => !source.includes(one))]
}

function requireSameTables(here: readonly TableShape[], there: readonly TableShape[]): void {
  const odd = oddAmong(here, there)
  if (odd.length > 0)
    throw diagnosed(
      'TRANSFER_REFUSED',
      `The two databases have different tables: ${odd.join('; ')}`,
      'go on with the version that began, or name an empty database in DATABASE_URL (createdb)',
    )
}

const changed = (tables: string[]): ParleyError =>
  diagnosed(
    'TRANSFER_FAILED',
    `Not the same on both sides: ${tables.join(', ')}. The file was changed since the transfer began, or the database`,
    'let nothing use either, and begin anew: parley migrate-data --restart',
  )
