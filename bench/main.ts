/** `npm run bench`: measures Parley against others in the same run; `--help` lists what there is. */
import { writeFileSync } from 'node:fs'
import { type Arguments, readArguments, usage } from './arguments.ts'
import { meansNothing, type Measurement, type Options, type Report } from './measurement.ts'
import { pinPeers, requireMachine } from './processes/pin.ts'
import { describeMachine, type Machine } from './report/machine.ts'
import { formatMarkdown } from './report/markdown.ts'
import { formatTable } from './report/table.ts'

const say = (progress: string): void => void process.stderr.write(`  ${progress}\n`)

/** What failed is told; the others are measured all the same. */
async function measureAll({ wanted, options, json, markdown }: Arguments): Promise<boolean> {
  const { quick } = options
  const machine = describeMachine()
  announce(machine, wanted, options)
  const reports: Record<string, Report> = {}
  let good = true
  for (const measurement of wanted) {
    console.log(`\n== ${measurement.name}: ${measurement.about}`)
    try {
      const report = await measurement.run(options, say)
      // They tell of the full numbers, and draw conclusions from the figures.
      reports[measurement.name] = quick ? { ...report, method: [], notes: [] } : report
    } catch (error) {
      good = false
      console.error(error)
      continue
    }
    print(reports[measurement.name])
    if (json) writeFileSync(json, `${JSON.stringify({ machine, quick, reports }, undefined, 2)}\n`)
    if (markdown) writeFileSync(markdown, formatMarkdown(machine, reports, quick))
  }
  return good
}

function announce(machine: Machine, wanted: readonly Measurement[], options: Options): void {
  const { date, cores, cpu, memoryGb, system, node, commit } = machine
  const minutes = Math.ceil(wanted.reduce((sum, one) => sum + one.minutes(options), 0))
  if (options.quick) console.log(meansNothing)
  const names = wanted.map(({ name }) => name).join(', ')
  console.log(`${names}: about ${minutes} min, up to twice that when other programs disturb it.`)
  console.log('Nothing else should run meanwhile: both cores are used, and what others take is told.')
  console.log(
    `${date} · ${cores} × ${cpu}, ${memoryGb} GB · ${system} · Node ${node} · ${commit.slice(0, 12)}`,
  )
}

function print(report: Report | undefined): void {
  const { tables = [], notes = [], method = [] } = report ?? {}
  for (const table of tables) console.log(`\n${formatTable(table)}`)
  if (notes.length > 0) console.log(`\n${notes.map((note) => `! ${note}`).join('\n')}`)
  if (method.length > 0) console.log(`\n${method.map((sentence) => `  ${sentence}`).join('\n')}`)
}

async function main(): Promise<number> {
  const asked = readArguments(process.argv.slice(2))
  if (asked.help) {
    console.log(usage())
    return 0
  }
  requireMachine()
  pinPeers()
  return (await measureAll(asked)) ? 0 : 1
}

// What was started ends with this process: the guard sees to it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

try {
  process.exit(await main())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(2)
}
