import { Command } from 'commander'
import { createFaqReader } from '../app/faq-file.ts'
import type { LoadedConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { maskSecrets } from '../ops/mask.ts'
import { type ConfigOptions, configOption, readConfig } from './configuration.ts'
import { checkDatabaseClock } from './doctor/clock.ts'
import { adviceFor, checkDatabase } from './doctor/database.ts'
import { checkFolder } from './doctor/folder.ts'
import { fail, type Item, ok, skip, warn, within } from './doctor/item.ts'
import { checkBackup } from './doctor/backup.ts'
import { checkBudget } from './doctor/budget.ts'
import { checkModels } from './doctor/models.ts'
import { checkPort } from './doctor/port.ts'
import { checkRetention } from './doctor/retention.ts'
import { checkRedis, redisAdvice } from './doctor/redis.ts'
import { isRemote } from './doctor/remote.ts'
import { checkTelegram } from './doctor/telegram.ts'
import { paint, print, printJson, printTable } from './terminal.ts'

interface Options extends ConfigOptions {
  json?: boolean
  offline?: boolean
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Checks the installation without changing it; exits with 1 when a check fails, and says what to do.\n' +
        'Each configured model is asked one short question: a fraction of a cent.',
    )
    .addOption(configOption())
    .option('--offline', 'skip what leaves this machine: models, Telegram, a database elsewhere')
    .option('--json', 'for machines')
    .action(async (options: Options) => {
      const items = (await examine(options)).map(masked)
      if (options.json) printJson({ ok: !failed(items), checks: items })
      else report(items)
      if (failed(items)) process.exitCode = 1
    })
}

async function examine({ offline = false, ...options }: Options): Promise<Item[]> {
  const result = readConfig(options, { faq: createFaqReader() })
  if ('problems' in result) {
    return result.problems.map((problem) =>
      fail('configuration', formatProblem(problem), 'correct it and run this again'),
    )
  }
  const { config, dataDir } = result
  const { database, redis, telegram, server, models } = config
  const elsewhere = (name: string, address: string | undefined, check: () => Promise<Item[]>) => () =>
    offline && address !== undefined && isRemote(address)
      ? Promise.resolve([skip(name, `${new URL(address).host} not asked`)])
      : check()
  const url = database.kind === 'postgres' ? database.url : undefined
  const advice = adviceFor(database)
  const groups = await Promise.all([
    within(3000, 'data folder', 'check the disk of DATA_DIR', () => checkFolder(dataDir)),
    within(
      8000,
      'database',
      advice,
      elsewhere('database', url, () =>
        checkDatabase(database, async (store) => [
          ...(await checkRetention(config, store, Date.now())),
          ...(await checkBackup(config, store, Date.now())),
        ]),
      ),
    ),
    within(
      8000,
      'clock',
      advice,
      elsewhere('clock', url, () => checkDatabaseClock(database)),
    ),
    within(
      8000,
      'redis',
      redisAdvice,
      elsewhere('redis', redis?.url, () => checkRedis(redis)),
    ),
    within(
      12_000,
      'telegram',
      'check that TELEGRAM_API_ROOT can be reached',
      elsewhere('telegram', telegram?.apiRoot, () => checkTelegram(telegram, Date.now())),
    ),
    within(5000, 'port', 'set HOST and PORT', () => checkPort(server)),
    within(15_000, 'model', 'check the network', () => checkModels(models, { offline })),
  ])
  return [...configuration(result), ...groups.flat(), ...checkBudget(config)]
}

function configuration({ file, example, warnings }: LoadedConfig): Item[] {
  const found = example ? `the example ${file}, as there is no parley.yaml here` : file
  return [
    ok('configuration', found),
    ...warnings.map((warning) => warn('configuration', warning.found, warning.next)),
  ]
}

function masked(item: Item): Item {
  return { ...item, found: maskSecrets(item.found) }
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

function report(items: Item[]): void {
  printTable(
    items.flatMap(({ name, status, found, next }) => {
      const [style, label] = marks[status]
      const row = [paint(style, label), name, found]
      return next === undefined ? [row] : [row, ['', '', paint('dim', `→ ${next}`)]]
    }),
  )
  const count = items.filter(({ status }) => status === 'fail').length
  print(count === 0 ? '\nNothing stands in the way.' : `\n${count} to correct.`)
}
