// Runs a command of Parley in a cluster where its backups can be reached: see usage.
import { runWhereBackupsAre } from './steps/job.ts'

const usage = `Usage: npm run node -- deploy/job.ts NAMESPACE backup
       npm run node -- deploy/job.ts NAMESPACE backup list
       npm run node -- deploy/job.ts NAMESPACE backup remove BACKUP...
       npm run node -- deploy/job.ts NAMESPACE drill [BACKUP]

Runs the command as a job like that of the nightly backup, which has the place of the backups (the processes have not), and
prints what it says.
Exit codes: 0 it succeeded, 1 it did not, 2 wrong usage.`

const [namespace = '', ...args] = process.argv.slice(2)

if (!/^[a-z0-9][a-z0-9-]*$/.test(namespace) || !['backup', 'drill'].includes(args[0] ?? '')) {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 2
} else {
  try {
    const say = (line: string): void => void process.stdout.write(`${line}\n`)
    process.exitCode = (await runWhereBackupsAre({ namespace, args, say })) ? 0 : 1
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
