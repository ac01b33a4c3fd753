import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import {
  type ComparedTable,
  differences,
  nothingToMove,
  openTransfer,
  type Progress,
  transfer,
  verify,
} from '../store/transfer.ts'
import { durationText } from './amounts.ts'
import { type ConfigOptions, configOption, requireConfig, sameBot } from './configuration.ts'
import { createStatus } from './status-line.ts'
import { CommandFailure, paint, print, printJson, printTable } from './terminal.ts'

interface Options extends ConfigOptions {
  from?: string
  verify?: boolean
  restart?: boolean
  json?: boolean
}

export function migrateDataCommand(): Command {
  return new Command('migrate-data')
    .description(
      'Moves all data of the embedded database into the PostgreSQL database of DATABASE_URL, and compares both.\n' +
        'No server may run. The file keeps its data. Interrupted, it goes on where it was when it is run again.',
    )
    .addOption(configOption())
    .option('--from <path>', 'file of the embedded database (default: that of the configuration)')
    .option('--verify', 'only compare: counts and checksums of every table')
    .option('--restart', 'throw away what an interrupted transfer moved, and begin anew')
    .option('--json', 'for machines')
    .action(run)
}

async function run({
  from,
  verify: only = false,
  restart = false,
  json,
  ...options
}: Options): Promise<void> {
  const { config, embedded } = requireConfig(options)
  const to = targetOf(config)
  const path = from === undefined ? embedded : resolve(from)
  if (!existsSync(path))
    throw new CommandFailure(`There is no database at ${path}\n→ name the file with --from`)
  const began = Date.now()
  const status = createStatus(process.stderr)
  const opened = await openTransfer(path, to, !only)
  const needs = { ...opened, onProgress: (progress: Progress) => status.show(textOf(progress), began) }
  const work = async () => {
    if (only) return verify(needs)
    return (await nothingToMove(needs)) ?? transfer(needs, restart)
  }
  const compared = await work().finally(async () => {
    status.clear()
    await opened.close()
  })
  if (typeof compared === 'string') {
    if (json) return printJson({ ok: true, ms: Date.now() - began, tables: [] })
    return print(
      `${reasons[compared]} ${path}.\nNext: put that file away, and parley start${sameBot(options)}`,
    )
  }
  const different = differences(compared)
  if (different.length > 0) process.exitCode = 1
  const ms = Date.now() - began
  if (json) return printJson({ ok: different.length === 0, ms, tables: compared })
  report(compared)
  const rows = compared.reduce((sum, { target }) => sum + target.rows, 0)
  if (different.length > 0) return print(`\n${paint('red', 'Not the same:')} ${different.join(', ')}`)
  print(`\n${rows.toLocaleString('en')} rows, the same on both sides, after ${durationText(ms)}.`)
  if (!only)
    print(`Next: put the file ${path} away, and parley start${sameBot(options)}, with DATABASE_URL as now`)
}

const reasons = {
  moved: 'All was moved to the database already:',
  unused: 'Nothing to move: nobody has written to',
}

function targetOf({ database }: Config): Extract<Config['database'], { kind: 'postgres' }> {
  if (database.kind === 'postgres') return database
  throw new CommandFailure(
    'Where to is not said.\n→ set DATABASE_URL to the PostgreSQL database that is to have the data',
    2,
  )
}

const doing: Record<Progress['step'], string> = { copy: 'copying', compare: 'comparing' }

const textOf = ({ step, table, rows, of }: Progress): string =>
  `${doing[step]} ${table}, ${of === 0 ? 100 : Math.min(100, Math.floor((rows / of) * 100))} %`

function report(compared: readonly ComparedTable[]): void {
  printTable([
    ['table', 'rows', 'in PostgreSQL', 'checksum', 'in PostgreSQL', ''].map((head) => paint('dim', head)),
    ...compared.map(({ name, source, target }) => [
      name,
      source.rows.toLocaleString('en'),
      target.rows.toLocaleString('en'),
      source.checksum.slice(0, 12),
      target.checksum.slice(0, 12),
      source.rows === target.rows && source.checksum === target.checksum
        ? paint('green', 'same')
        : paint('red', 'DIFFERENT'),
    ]),
  ])
}
