/** A number of the command line, 0 or more; throws for anything else. */
export function numberOf(text: string): number {
  const value = Number(text)
  if (!(value >= 0)) throw new Error(`${text} is not a number`)
  return value
}

/** Whether somebody wants to know how a command is called. */
export const asksForHelp = (args: readonly string[]): boolean =>
  args.includes('--help') || args.includes('-h')

/** Runs a command to its exit code; 2 and its usage when it was called wrongly. Who asks for help gets the usage alone. */
export async function runCommand(main: () => Promise<number>, usage: string): Promise<void> {
  if (asksForHelp(process.argv.slice(2))) return void process.stdout.write(usage)
  // Everything started dies with this process; its folders are removed on the way out.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
  try {
    process.exitCode = await main()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
    process.exitCode = 2
  }
}
