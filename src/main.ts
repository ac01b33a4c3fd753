import { run } from './cli/run.ts'

process.exitCode = await run(process.argv.slice(2))
// Whatever still holds the process (an idle connection of a library) has no work left to do.
setTimeout(() => process.exit(), 1000).unref()
