import { Command } from 'commander'
import { createBackupDesk } from '../app/backup/desk.ts'
import { ageText, durationText, sizeText } from './amounts.ts'
import { deskNeeds, proofRows } from './backup-desk.ts'
import { type ConfigOptions, configOption, requireConfig } from './configuration.ts'
import { print, printJson, printTable } from './terminal.ts'

interface Options extends ConfigOptions {
  json?: boolean
}

export function drillCommand(): Command {
  return new Command('drill')
    .description(
      'Restores a backup in a scratch place, compares it with its list, starts the application on it without channels ' +
        'and models, asks it a question, and says how long that took. What is in use is not touched.',
    )
    .argument('[backup]', 'its name (default: the newest)')
    .addOption(configOption())
    .option('--json', 'for machines')
    .action(drill)
}

async function drill(name: string | undefined, { json, ...options }: Options): Promise<void> {
  const needs = deskNeeds(requireConfig(options))
  const { backup, proof, fetchMs } = await createBackupDesk(needs).drill(name).finally(needs.done)
  const { unpackMs, loadMs, examineMs, answerMs, question, answer } = proof
  const totalMs = fetchMs + unpackMs + loadMs + answerMs
  if (json) {
    const ms = {
      unpack: fetchMs + unpackMs,
      load: loadMs,
      examine: examineMs,
      answer: answerMs,
      total: totalMs,
    }
    return printJson({ name: backup.name, takenAt: proof.manifest.takenAt, ms, question, answer })
  }
  print(`${backup.name}, ${sizeText(backup.bytes)}, ${ageText(Date.now() - backup.takenAt)} old\n`)
  printTable(proofRows(proof))
  print(`\nIt can be restored; to the first answer that takes about ${durationText(totalMs)} here.`)
}
