import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { languages, type Language } from '../model/language.ts'
import { makeFolder } from '../ops/folder.ts'
import { sameBot } from './configuration.ts'
import { renderStarterFaq } from './init/starter-faq.ts'
import { type InitAnswers, renderConfiguration } from './init/template.ts'
import { CommandFailure, print, printTable } from './terminal.ts'

interface Options {
  name?: string
  persona?: string
  languages?: Language[]
  folder: string
  force?: boolean
  yes?: boolean
}

const defaults: InitAnswers = {
  name: 'Parley',
  persona: 'You are a helpful, friendly assistant. Answer briefly. Say so when you do not know.',
  languages: ['en', 'ru'],
}

export function initCommand(): Command {
  return new Command('init')
    .description(
      'Writes a commented parley.yaml and a first faq.yaml. Asks on a terminal; elsewhere the options decide.',
    )
    .option('-n, --name <name>', 'what the bot is called')
    .option('-p, --persona <text>', 'who the bot is and how it speaks')
    .option('-l, --languages <codes>', `of ${languages.join(', ')}; the first is the default`, parseLanguages)
    .option('--folder <path>', 'where to write', '.')
    .option('-y, --yes', 'ask nothing, take the defaults')
    .option('-f, --force', 'overwrite files that are there')
    .action(init)
}

async function init(options: Options): Promise<void> {
  const folder = resolve(options.folder)
  const targets = { configuration: join(folder, 'parley.yaml'), faq: join(folder, 'faq.yaml') }
  if (!options.force) refuseToOverwrite(Object.values(targets))
  const ask = process.stdin.isTTY && process.stdout.isTTY && !options.yes
  const given = { ...defaults, ...defined(options) }
  const answers = ask ? await (await import('./init/questions.ts')).askQuestions(given) : given
  const flag = options.force ? 'w' : 'wx'
  try {
    makeFolder(folder)
    writeFileSync(targets.faq, renderStarterFaq(answers.languages), { flag })
    writeFileSync(targets.configuration, renderConfiguration(answers, optionFor(folder)), { flag })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandFailure(`Cannot write: ${reason}\n→ --folder names another place`)
  }
  for (const path of Object.values(targets)) print(`wrote ${path}`)
  printNext(folder)
}

/** What a command needs to find this bot from here. */
const optionFor = (folder: string): string => (folder === process.cwd() ? '' : sameBot({ config: folder }))

function printNext(folder: string): void {
  const option = optionFor(folder)
  print('\nNext: edit faq.yaml, then')
  printTable([
    [`parley start${option}`, 'to run it'],
    [`parley doctor${option}`, 'to see what is missing'],
  ])
  if (option === '')
    print('\nA bot that runs here on the example goes on with it: restart it to have this one.\n')
  print(
    `Keys and tokens go into ${join(folder, '.env')}; the data of the bot will lie in ${join(folder, 'data')}.`,
  )
}

function refuseToOverwrite(paths: string[]): void {
  const there = paths.filter((path) => existsSync(path))
  if (there.length === 0) return
  throw new CommandFailure(
    `Already there: ${there.join(', ')}\n→ --force overwrites, --folder writes elsewhere`,
  )
}

function defined({ name, persona, languages: codes }: Options): Partial<InitAnswers> {
  return {
    ...(name && { name }),
    ...(persona && { persona }),
    ...(codes && { languages: codes }),
  }
}

function parseLanguages(value: string): Language[] {
  const codes = value.split(',').map((code) => code.trim())
  const known = codes.flatMap((code) => languages.find((language) => language === code) ?? [])
  if (known.length === codes.length && new Set(known).size === known.length) return known
  throw new InvalidArgumentError(`Expected some of ${languages.join(', ')}, separated by commas.`)
}
