import { Command } from 'commander'
import { readConfiguration } from '../app/backup/configuration.ts'
import { type Restored, restore } from '../app/backup/restore.ts'
import { findSource, type RestoreSource } from '../app/backup/source.ts'
import type { DatabaseConfig } from '../config/config.ts'
import type { LoadedConfig } from '../config/load.ts'
import { ageText, durationText } from './amounts.ts'
import { deskNeeds } from './backup-desk.ts'
import {
  type ConfigOptions,
  configOption,
  missingFile,
  requireConfig,
  requirePlace,
  sameBot,
  shellWord,
} from './configuration.ts'
import { paint, print, printJson } from './terminal.ts'

interface Options extends ConfigOptions {
  force?: boolean
  unencrypted?: boolean
  json?: boolean
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description(
      'Brings a backup back: database and data files, and parley.yaml with its FAQ where there is none here.\n' +
        'Every byte is checked before anything is touched. The server must not run.',
    )
    .argument('[backup]', 'its name, or the path of its file (default: the newest)')
    .addOption(configOption())
    .option('--force', 'also where people have written already; what is there is kept under another name')
    .option(
      '--unencrypted',
      'also one that is not encrypted where BACKUP_PASSPHRASE is set; you know who made it',
    )
    .option('--json', 'for machines')
    .action(run)
}

async function run(
  wanted: string | undefined,
  { json, force = false, unencrypted = false, ...options }: Options,
): Promise<void> {
  const missing = missingFile(options)
  const place = requirePlace(options)
  const source = await findSource(deskNeeds(place), wanted, unencrypted)
  // Its own parley.yaml says where its data belongs.
  const brought = missing === undefined ? undefined : await bring(place, source, missing)
  const { loaded, files } = brought ?? { loaded: requireConfig(options), files: undefined }
  const needs = deskNeeds(loaded)
  const again = commandFor(source.name, unencrypted) + sameBot(options)
  const restored = await restore(needs, source, { force, again, configuration: files }).finally(needs.done)
  if (json) {
    const { manifest, ...told } = restored
    return printJson({ name: source.name, takenAt: manifest.takenAt, ...told })
  }
  report(restored, source.name, again, options, loaded.config.delivery.uncertain)
}

const commandFor = (name: string, unencrypted: boolean): string =>
  `parley restore --force ${shellWord(name)}${unencrypted ? ' --unencrypted' : ''}`

/** The configuration that is in a backup, for `file`, which is not there. */
function bring(
  place: LoadedConfig,
  source: RestoreSource,
  file: string,
): ReturnType<typeof readConfiguration> {
  const load = (config: string): LoadedConfig => requireConfig({ config })
  return readConfiguration({ loaded: place }, source, file, load)
}

function report(
  { manifest, written, kept, aside, waiting, ms }: Restored,
  name: string,
  again: string,
  options: ConfigOptions,
  uncertain: 'resend' | 'hold',
): void {
  const { takenAt, version, database } = manifest
  print(`Restored ${name} in ${durationText(ms)}.`)
  print(
    `It is as of ${takenAt} (${ageText(Date.now() - Date.parse(takenAt))} ago), by Parley ${version}: ${(database.tables['messages'] ?? 0).toLocaleString('en')} messages.`,
  )
  for (const file of written) print(`Written as well: ${file}`)
  for (const file of kept) print(`Left as it is, unlike the one in the backup: ${file}`)
  if (kept.length > 0) print(`To have the backup's, move it away, then: ${again}`)
  for (const place of aside) print(`What was there is kept: ${place}`)
  print('\nWhat was written since is lost. What waited at that moment:')
  for (const line of waitingLines(waiting, uncertain)) print(`  ${line}`)
  print(
    paint(
      'yellow',
      '\nIf the server it was taken from still runs, do not start this one with its tokens: both would answer people.',
    ),
  )
  print(paint('dim', `\n${nextSteps(database.kind, sameBot(options))}`))
}

/** On PostgreSQL there may be several processes, all of which were stopped. */
const nextSteps = (kind: DatabaseConfig['kind'], bot: string): string =>
  `Next: parley start${bot}${kind === 'postgres' ? ', and each other process there was (parley@8001)' : ''}, then parley doctor${bot}`

function waitingLines(waiting: Restored['waiting'], uncertain: 'resend' | 'hold'): string[] {
  if (waiting === undefined) return ['parley doctor tells, once a start has brought the schema up to date']
  const { received, uncertain: replies } = waiting
  const one = replies === 1
  const fate =
    uncertain === 'resend'
      ? `${one ? 'it is' : 'they are'} sent again`
      : `${one ? 'it is' : 'they are'} held, see parley outbox`
  const lines = [
    received > 0 ? `${received} to answer at the start, which the lost server may have done as well` : '',
    replies > 0
      ? `${replies} ${one ? 'reply' : 'replies'} that may have arrived: ${fate} (delivery.uncertain: ${uncertain})`
      : '',
  ].filter((line) => line !== '')
  return lines.length > 0 ? lines : ['nothing']
}
