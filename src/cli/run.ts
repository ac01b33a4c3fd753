import { parseArgs } from 'node:util'
import { CommanderError, type Command } from 'commander'
import { processEnvironment } from '../config/env.ts'
import { swallowedByNpm } from '../config/swallowed.ts'
import { ParleyError } from '../model/errors.ts'
import { maskSecrets } from '../ops/mask.ts'
import { createProgram } from './commands.ts'
import { onBot, spelled } from './spelling.ts'
import { columnsOf, CommandFailure, wrap } from './terminal.ts'

/** Runs the command that the arguments name; resolves with the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  // A reader such as `head` that has seen enough is no fault.
  process.stdout.on('error', (error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit(0)
    throw error
  })
  try {
    const program = await createProgram(args)
    takeOver(program, program.name())
    if (args.length === 0) program.help({ error: true })
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return fail(error, args)
  }
}

/** Commander would end the process; here the caller does. Its errors look like ours, and name the help. */
function takeOver(command: Command, path: string): void {
  command
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${fitted(text.trimEnd())}\n`) })
    .showHelpAfterError(`→ ${path} --help`)
  for (const child of command.commands) takeOver(child, `${path} ${child.name()}`)
}

/** A next step stays on one line, as its command may be copied from here. */
function fitted(text: string): string {
  const lines = text.split('\n')
  return lines
    .flatMap((line) => (line.startsWith('→ ') ? [line] : wrap(line, columnsOf(process.stderr))))
    .join('\n')
}

async function fail(error: unknown, args: readonly string[]): Promise<number> {
  // Help and version end this way too, with 0; usage errors were printed by commander.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    for (const instead of swallowedByNpm(processEnvironment(process.cwd()), args))
      process.stderr.write(`${fitted(`→ npm took an option for its own; write: ${instead}`)}\n`)
    return 2
  }
  process.stderr.write(`${fitted(maskSecrets(spelled(describe(error, await botOf(args)))))}\n`)
  return error instanceof CommandFailure ? error.exitCode : exitCodeOf(error)
}

/** Of the command that failed, for the next ones. */
async function botOf(args: readonly string[]): Promise<string> {
  const options = { config: { type: 'string', short: 'c' } } as const
  const { config } = parseArgs({ args: [...args], options, strict: false }).values
  if (typeof config !== 'string') return ''
  const { sameBot } = await import('./configuration.ts')
  return sameBot({ config })
}

/** `bot`: what the commands it names need besides. Those of a command's own failure have it already. */
function describe(error: unknown, bot: string): string {
  if (error instanceof CommandFailure) return error.message
  if (error instanceof ParleyError) {
    const { code, message, diagnosis } = error
    return onBot(diagnosis ? `${diagnosis.found}\n→ ${diagnosis.next}` : `${message} (${code})`, bot)
  }
  return `Unexpected fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}

function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof ParleyError && error.code === 'CONFIG_INVALID' ? 2 : 1
}
