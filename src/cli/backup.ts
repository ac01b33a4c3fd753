import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { createBackupDesk, type Taken } from '../app/backup/desk.ts'
import type { StoredBackup } from '../app/backup/stored.ts'
import type { LoadedConfig } from '../config/load.ts'
import { ageText, durationText, sizeText } from './amounts.ts'
import { deskNeeds } from './backup-desk.ts'
import { type ConfigOptions, requireConfig, requirePlace, sameBot } from './configuration.ts'
import { besideBackups, placeElsewhere } from './shared-disk.ts'
import { subcommand } from './subcommand.ts'
import { onOneLine, paint, print, printJson, printTable } from './terminal.ts'

interface Options extends ConfigOptions {
  json?: boolean
}

export function backupCommand(): Command {
  const command = new Command('backup').description(
    'Takes a backup while the server runs, restores it in a scratch place, asks it a question, and keeps it only then.\n' +
      'Older ones go, but for the newest backup.keep and the last one of each of as many days.',
  )
  subcommand(command, 'now', 'take one', true).action(take)
  subcommand(command, 'list', 'show those there are, the newest first').action(list)
  subcommand(command, 'remove', 'remove some for good, but never the newest of the database that is here')
    .argument('<names...>', 'as the list shows them')
    .action(remove)
  return command
}

async function take({ json, ...options }: Options): Promise<void> {
  const loaded = requireConfig(options)
  const needs = deskNeeds(loaded)
  const desk = createBackupDesk(needs)
  const taken = await desk.take().finally(needs.done)
  if (json) return printJson(takenJson(taken, desk.where))
  report(taken, loaded, desk.where)
}

function report(
  { backup, tables, proof, steps, removed, notRemoved, kept }: Taken,
  loaded: LoadedConfig,
  where: string,
): void {
  const people = tables['contacts'] ?? 0
  const messages = tables['messages'] ?? 0
  printTable([
    [
      'copied',
      `${counted(messages, 'message')}, ${people.toLocaleString('en')} ${people === 1 ? 'person' : 'people'}`,
      durationText(steps.copy ?? 0),
    ],
    [
      'packed',
      `${sizeText(backup.bytes)}, ${backup.encrypted ? 'encrypted' : 'not encrypted'}`,
      durationText(steps.pack ?? 0),
    ],
    [
      'proven',
      `restored in a scratch place, where it answered ${proof.question}`,
      durationText(steps.prove ?? 0),
    ],
    ['kept', `${kept} in ${where}`, durationText(steps.keep ?? 0)],
  ])
  for (const name of removed) print(paint('dim', `  removed   ${name}`))
  print(`\n${backup.name}`)
  if (notRemoved.length > 0) {
    print(paint('yellow', '\nOlder ones that were to go could not be removed:'))
    for (const { name, reason } of notRemoved) print(`  ${name}: ${onOneLine(reason)}`)
    print(paint('dim', '→ remove them, or set backup.keep to what the place removes by itself'))
  }
  const beside = besideBackups(loaded.config)
  if (beside !== undefined) {
    print(paint('yellow', `\nIt is on the disk of ${beside}, and would be lost with it.`))
    print(paint('dim', `→ ${placeElsewhere}`))
  }
}

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

function takenJson(
  { backup, tables, proof, steps, removed, notRemoved, kept }: Taken,
  where: string,
): object {
  const { question, answer } = proof
  return {
    ...backupJson(backup),
    where,
    tables,
    steps,
    proof: { question, answer },
    kept,
    removed,
    notRemoved,
  }
}

async function list({ json, ...options }: Options): Promise<void> {
  const needs = deskNeeds(requirePlace(options))
  const { folder, s3, passphrase } = needs.loaded.config.backup
  const desk = createBackupDesk(needs)
  const [backups, own] = await Promise.all([desk.list(), desk.own()])
  const isOwn = ({ installation }: StoredBackup): boolean => installation === own
  if (json) {
    const rows = backups.map((backup) => ({ ...backupJson(backup), own: isOwn(backup) }))
    return printJson({ where: desk.where, backups: rows })
  }
  if (backups.length === 0) {
    if (s3 !== undefined || existsSync(folder)) print(`There is no backup in ${desk.where} yet.`)
    else {
      print(`There is no folder ${folder}, and so no backup: the first one makes it.`)
      print('If there were some already, look at BACKUP_DIR, and whether its disk is mounted.')
    }
    return print(`Take one: parley backup${sameBot(options)}`)
  }
  print(`In ${desk.where}, each proven by a restore when it was taken:\n`)
  const marksOf = (backup: StoredBackup): string =>
    (own === undefined || isOwn(backup) ? '' : notOwn) +
    (backup.encrypted || passphrase === undefined ? '' : notEncrypted)
  printTable(
    backups.map((backup) => [
      backup.name,
      sizeText(backup.bytes),
      `${ageText(Date.now() - backup.takenAt)} old${marksOf(backup)}`,
    ]),
    (cell) => cell,
  )
  print(
    own === undefined
      ? `\nWhere the database was lost, bring one back: parley restore${sameBot(options)}`
      : `\nProve the newest again: parley drill${sameBot(options)}`,
  )
}

async function remove(names: string[], { json, ...options }: Options): Promise<void> {
  const desk = createBackupDesk(deskNeeds(requirePlace(options)))
  const { removed, notRemoved } = await desk.remove(names)
  if (notRemoved.length > 0) process.exitCode = 1
  if (json) return printJson({ where: desk.where, removed, notRemoved })
  for (const name of removed) print(`Removed ${name}`)
  for (const { name, reason } of notRemoved)
    process.stderr.write(`${name} could not be removed: ${onOneLine(reason)}\n`)
}

/** It is never removed by itself. */
const notOwn = ', not of the database that is here'
const notEncrypted = ', not encrypted: restored only with --unencrypted'

const backupJson = ({ name, takenAt, bytes, encrypted, installation }: StoredBackup): object => ({
  name,
  takenAt: new Date(takenAt).toISOString(),
  bytes,
  encrypted,
  installation,
})
