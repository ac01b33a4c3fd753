// Brings a backup back in a cluster: see usage.
import { parseArgs } from 'node:util'
import { restoreInCluster } from './steps/restore.ts'

/** The job itself has two minutes less. */
const shortest = 300

const usage = `Usage: npm run node -- deploy/restore.ts NAMESPACE [BACKUP] [--force] [--unencrypted] [--within SECONDS]

Stops every process of Parley in the namespace, brings the newest backup back (or the one named), and starts them again: also
when the restore was refused, for then nothing was touched. Nothing is started while a restore may still be at work (--within
SECONDS, 14400 and never below 300, or the cluster does not answer): it says how to look, and given again it waits for that one.
Argo CD must not heal meanwhile.
Exit codes: 0 restored, 1 not restored, and what was there runs again, 2 wrong usage, 3 look at it.`

process.exitCode = await main()

async function main(): Promise<number> {
  const given = read()
  const [namespace = '', ...backup] = given?.positionals ?? []
  const within = Number(given?.values.within ?? '14400')
  if (!given || !/^[a-z0-9][a-z0-9-]*$/.test(namespace) || backup.length > 1 || !(within >= shortest)) {
    process.stderr.write(`${usage}\n`)
    return 2
  }
  const { force, unencrypted } = given.values
  const args = [...backup, ...(force ? ['--force'] : []), ...(unencrypted ? ['--unencrypted'] : [])]
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  try {
    return (await restoreInCluster({ namespace, args, withinMs: within * 1000, say })) ? 0 : 1
  } catch (error) {
    process.stderr.write(`LOOK AT IT: ${error instanceof Error ? error.message : String(error)}\n`)
    return 3
  }
}

function read() {
  try {
    const options = {
      force: { type: 'boolean' },
      unencrypted: { type: 'boolean' },
      within: { type: 'string' },
    } as const
    return parseArgs({ allowPositionals: true, options })
  } catch {
    return undefined // An option there is not.
  }
}
