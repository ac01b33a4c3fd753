import { Command } from 'commander'
import { readVersion } from '../ops/version.ts'
import { type CommandName, commandNames, inCheckout, programName } from './spelling.ts'

/** A command's line in the overview, and where the command itself is. */
interface Entry {
  summary: string
  load(): Promise<() => Command>
  /** For those who change Parley itself. */
  hidden?: boolean
}

/** Every command; only the one that was asked for is loaded, so that `start` starts fast. */
const entries: Record<CommandName, Entry> = {
  start: {
    summary: 'run the bot server',
    load: async () => (await import('./start.ts')).startCommand,
  },
  init: {
    summary: 'write a commented parley.yaml',
    load: async () => (await import('./init.ts')).initCommand,
  },
  doctor: {
    summary: 'check the installation and say what to do',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  call: {
    summary: 'ask the bot in the terminal',
    load: async () => (await import('./call.ts')).callCommand,
  },
  migrate: {
    summary: 'show or change the version of the database schema',
    load: async () => (await import('./migrate.ts')).migrateCommand,
  },
  'migrate-data': {
    summary: 'move the data of the embedded database to PostgreSQL',
    load: async () => (await import('./migrate-data.ts')).migrateDataCommand,
  },
  webhook: {
    summary: "set, verify or delete Telegram's webhook",
    load: async () => (await import('./webhook.ts')).webhookCommand,
  },
  tenant: {
    summary: 'write the folder of another bot on Kubernetes',
    load: async () => (await import('./tenant.ts')).tenantCommand,
  },
  handoffs: {
    summary: 'list who waits for a human',
    load: async () => (await import('./handoffs.ts')).handoffsCommand,
  },
  outbox: {
    summary: 'list replies that were given up; send or drop them',
    load: async () => (await import('./outbox.ts')).outboxCommand,
  },
  budget: {
    summary: 'show what models cost today and in the last days',
    load: async () => (await import('./budget.ts')).budgetCommand,
  },
  contacts: {
    summary: 'list, lift and ban who writes too much',
    load: async () => (await import('./contacts.ts')).contactsCommand,
  },
  backup: {
    summary: 'take a backup and prove it; list or remove those there are',
    load: async () => (await import('./backup.ts')).backupCommand,
  },
  drill: {
    summary: 'restore a backup in a scratch place and ask it a question',
    load: async () => (await import('./drill.ts')).drillCommand,
  },
  restore: {
    summary: 'bring a backup back into an empty place',
    load: async () => (await import('./restore.ts')).restoreCommand,
  },
  version: {
    summary: 'show what is running',
    load: async () => (await import('./version.ts')).versionCommand,
  },
  reference: {
    summary: 'write the generated pages of docs/reference',
    load: async () => (await import('./reference.ts')).referenceCommand,
    hidden: true,
  },
}

const firstSteps: readonly [CommandName, string][] = [
  ['start', 'run what is there; no key, no service needed'],
  ['init', 'make the bot your own'],
  ['doctor', 'find out what is missing'],
]

function epilogue(): string {
  const steps = firstSteps.map(([name, what]) => `  ${`${programName} ${name}`.padEnd(26)} ${what}`)
  return `
Settings come from parley.yaml and the environment;
docs/reference/configuration.md lists them all.
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
${programName === inCheckout ? 'npm adds lines of its own before the output; npm run --silent does not.\n' : ''}
First steps:
${steps.join('\n')}`
}

/** The program, with the command that `args` ask for. */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command(programName)
    .description('A self-hosted bot server: one engine, one file of configuration, on Telegram and the web.')
    .version(readVersion().version, '-v, --version', 'show the version')
    .addHelpText('after', epilogue())
    .showSuggestionAfterError()
  const wanted = args[0] === 'help' ? args[1] : args[0]
  for (const name of commandNames) {
    const entry = entries[name]
    const command = name === wanted ? (await entry.load())() : new Command(name)
    program.addCommand(command.summary(entry.summary), { hidden: entry.hidden ?? false })
  }
  return program
}
