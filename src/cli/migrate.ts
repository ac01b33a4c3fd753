import { Command, InvalidArgumentError } from 'commander'
import { createMigrations } from '../store/open.ts'
import { type ConfigOptions, requireConfig } from './configuration.ts'
import { subcommand } from './subcommand.ts'
import { CommandFailure, paint, print, printJson, printTable } from './terminal.ts'

interface Options extends ConfigOptions {
  json?: boolean
}

type Migrations = Awaited<ReturnType<typeof createMigrations>>

const notWithoutYes =
  'Nothing was changed: this DELETES the data of the migrations taken back.\n' +
  '→ take a backup (parley backup), stop the server, then give --yes'

export function migrateCommand(): Command {
  const command = new Command('migrate').description(
    'Shows or changes the version of the database schema. `start` refuses a schema on which this version does not work.',
  )
  subcommand(command, 'status', 'list the migrations and which are applied').action((options: Options) =>
    withMigrations(options, async (migrations) => showStatus(await migrations.status(), options)),
  )
  subcommand(command, 'up', 'apply what is missing')
    .option('-e, --expanding', 'only what the version before works on as well; the rest is left to the start')
    .action((options: Options & { expanding?: boolean }) =>
      withMigrations(options, async (migrations) => report('applied', await migrations.up(options), options)),
    )
  subcommand(command, 'down', 'take back the last migrations; DELETES the data they introduced')
    .argument('[steps]', 'how many, or `all`', parseSteps, 1)
    .option('-y, --yes', 'yes, delete the data')
    .action((steps: number | 'all', options: Options & { yes?: boolean }) => {
      if (!options.yes) throw new CommandFailure(notWithoutYes, 2)
      return withMigrations(options, async (migrations) =>
        report('taken back', await migrations.down(steps), options),
      )
    })
  return command
}

async function withMigrations(
  options: Options,
  work: (migrations: Migrations) => Promise<void>,
): Promise<void> {
  const migrations = await createMigrations(requireConfig(options).config.database)
  try {
    await work(migrations)
  } finally {
    await migrations.close()
  }
}

const aheadText = {
  expands: 'of a newer version; this one works on it',
  contracts: 'of a newer version; this one does NOT work on it',
}

function showStatus(status: Awaited<ReturnType<Migrations['status']>>, { json }: Options): void {
  if (json) return printJson(status)
  printTable(
    status.map(({ name, appliedAt, ahead }) => [
      name,
      appliedAt === undefined
        ? paint('yellow', 'not applied')
        : `applied ${new Date(appliedAt).toISOString()}`,
      ahead === undefined ? '' : aheadText[ahead],
    ]),
  )
  if (status.some(({ appliedAt }) => appliedAt === undefined)) print('\nNext: parley migrate up')
}

function report(done: string, names: string[], { json }: Options): void {
  if (json) return printJson(names)
  if (names.length === 0) return print('Nothing to do.')
  for (const name of names) print(`${done} ${name}`)
}

function parseSteps(value: string): number | 'all' {
  if (value === 'all') return value
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('Expected a number from 1 on, or all.')
}
