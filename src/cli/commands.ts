import { Command } from 'commander'
import { readVersion } from '../ops/version.ts'

/** A command's line in the overview, and where the command itself is. */
interface Entry {
  name: string
  summary: string
  load(): Promise<() => Command>
  /** For those who change Parley itself. */
  hidden?: boolean
}

/** Every command; only the one that was asked for is loaded, so that `start` starts fast. */
const entries: readonly Entry[] = [
  {
    name: 'start',
    summary: 'run the bot server',
    load: async () => (await import('./start.ts')).startCommand,
  },
  {
    name: 'init',
    summary: 'write a commented parley.yaml',
    load: async () => (await import('./init.ts')).initCommand,
  },
  {
    name: 'doctor',
    summary: 'check the installation and say what to do',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    name: 'call',
    summary: 'ask the bot in the terminal',
    load: async () => (await import('./call.ts')).callCommand,
  },
  {
    name: 'migrate',
    summary: 'show or change the version of the database schema',
    load: async () => (await import('./migrate.ts')).migrateCommand,
  },
  {
    name: 'webhook',
    summary: "set, verify or delete Telegram's webhook",
    load: async () => (await import('./webhook.ts')).webhookCommand,
  },
  {
    name: 'handoffs',
    summary: 'list who waits for a human',
    load: async () => (await import('./handoffs.ts')).handoffsCommand,
  },
  {
    name: 'budget',
    summary: 'show what models cost today and in the last days',
    load: async () => (await import('./budget.ts')).budgetCommand,
  },
  {
    name: 'version',
    summary: 'show what is running',
    load: async () => (await import('./version.ts')).versionCommand,
  },
  {
    name: 'reference',
    summary: 'write the generated pages of docs/reference',
    load: async () => (await import('./reference.ts')).referenceCommand,
    hidden: true,
  },
]

const epilogue = `
Settings come from parley.yaml and the environment; docs/reference/configuration.md lists them all.
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
In a checkout, write 'npm run --silent parley -- doctor' for 'parley doctor'.

First steps:
  parley start          run with what is there: no keys and no services needed
  parley init           make the bot your own
  parley doctor         find out what is missing`

/** The program, with the command that `args` ask for. */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('parley')
    .description('A self-hosted bot server: one engine, one file of configuration, on Telegram and the web.')
    .version(readVersion().version, '-v, --version', 'show the version')
    .addHelpText('after', epilogue)
    .showSuggestionAfterError()
  const wanted = args[0] === 'help' ? args[1] : args[0]
  for (const entry of entries) {
    const command = entry.name === wanted ? (await entry.load())() : new Command(entry.name)
    program.addCommand(command.summary(entry.summary), { hidden: entry.hidden ?? false })
  }
  return program
}
