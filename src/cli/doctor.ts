import { Command, InvalidArgumentError } from 'commander'
import { configOption, sameBot } from './configuration.ts'
import { type Examination, examine } from './doctor/examine.ts'
import type { Item } from './doctor/item.ts'
import { paint, print, printJson, printTable } from './terminal.ts'

interface Options extends Examination {
  json?: boolean
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Checks the installation without changing it; exits with 1 when a check fails, and says what to do.\n' +
        'Each configured model is asked one short question: a fraction of a cent, of the budget of the day.',
    )
    .addOption(configOption())
    .option('--expect <version>', 'what should run: 0.2.0, 0.2.0-COMMIT as the image is tagged, or a commit')
    .option('--url <address>', 'where people reach it (default: where the webhook is)', parseAddress)
    .option(
      '--port <number>',
      'which server on this machine, where there are several (default: PORT)',
      parsePort,
    )
    .option('--offline', 'skip what leaves this machine: models, Telegram, a database elsewhere')
    .option('--json', 'for machines')
    .action(async ({ json, ...options }: Options) => {
      const items = await examine(options)
      if (json) printJson({ ok: !failed(items), checks: items })
      else report(items, options)
      if (failed(items)) process.exitCode = 1
    })
}

function parseAddress(value: string): string {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value
  throw new InvalidArgumentError('Expected an address such as https://chat.acme.com.')
}

function parsePort(value: string): number {
  const port = Number(value)
  if (/^[1-9]\d{0,4}$/.test(value) && port < 65_536) return port
  throw new InvalidArgumentError('Expected a port such as 8001.')
}

function failed(items: Item[]): boolean {
  return items.some(({ status }) => status === 'fail')
}

const marks = {
  ok: ['green', 'ok'],
  warn: ['yellow', 'warn'],
  fail: ['red', 'FAIL'],
  skip: ['dim', 'skip'],
} as const

function report(items: Item[], options: Examination): void {
  printTable(
    items.flatMap(({ name, status, found, next }) => {
      const [style, label] = marks[status]
      const row = [paint(style, label), name, found]
      return next === undefined ? [row] : [row, ['', '', paint('dim', `→ ${next}`)]]
    }),
  )
  const count = items.filter(({ status }) => status === 'fail').length
  if (count > 0) return print(`\n${count} to correct.`)
  // Another process of the bot may run at another port.
  const idle = items.find(({ name, status }) => name === 'port' && status === 'warn')
  const start = idle && `, but ${idle.found}: parley start${sameBot(options)}`
  print(`\nNothing stands in the way${start ?? '.'}`)
}
