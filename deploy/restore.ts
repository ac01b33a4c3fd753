// Brings a backup back in a cluster: see usage.
import { restoreInCluster } from './steps/restore.ts'

const usage = `Usage: npm run node -- deploy/restore.ts NAMESPACE [BACKUP] [--force]

Stops every process of Parley in the namespace, brings the newest backup back (or the one named), and starts them again: also
when the restore was refused, for then nothing was touched. Argo CD must not heal meanwhile.
Exit codes: 0 restored, 1 not restored, and what was there runs again, 2 wrong usage, 3 look at it.`

const [namespace, ...args] = process.argv.slice(2)
const isUsage = namespace !== undefined && /^[a-z0-9][a-z0-9-]*$/.test(namespace) && args.every(isArgument)

function isArgument(word: string): boolean {
  return word === '--force' || !word.startsWith('-')
}

if (!isUsage) {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 2
} else {
  try {
    const say = (line: string): void => void process.stdout.write(`${line}\n`)
    process.exitCode = (await restoreInCluster({ namespace, args, say })) ? 0 : 1
  } catch (error) {
    process.stderr.write(`LOOK AT IT: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 3
  }
}
