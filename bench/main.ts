/**
 * npm run bench [-- NAME … [--quick] [--minutes N] [--json FILE] [--profile FOLDER]]
 *
 * Without names everything is measured but the soak, which lasts an hour.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Measurement, Options, Report } from './measurement.ts'
import { faq } from './measurements/faq.ts'
import { growth } from './measurements/growth.ts'
import { latency } from './measurements/latency.ts'
import { replies } from './measurements/replies.ts'
import { soak } from './measurements/soak.ts'
import { sockets } from './measurements/sockets.ts'
import { start } from './measurements/start.ts'
import { workers } from './measurements/workers.ts'
import { pinPeers, requireMachine } from './processes/pin.ts'
import { describeMachine } from './report/machine.ts'
import { formatTable } from './report/table.ts'

const measurements: readonly Measurement[] = [replies, workers, latency, sockets, start, growth, faq, soak]

function chosen(names: readonly string[], quick: boolean): readonly Measurement[] {
  const unknown = names.filter((name) => !measurements.some((one) => one.name === name))
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}.\n\n${usage()}`)
  if (names.length === 0) return quick ? measurements : measurements.filter((one) => one !== soak)
  return measurements.filter(({ name }) => names.includes(name))
}

function usage(): string {
  const lines = measurements.map(({ name, about }) => `  ${name.padEnd(8)}  ${about}`)
  return [
    'Usage: npm run bench [-- NAME … [--quick] [--minutes N] [--json FILE] [--profile FOLDER]]',
    '',
    ...lines,
    '',
    '--quick       a smoke run of less than a minute; its figures mean nothing',
    '--minutes N   how long the soak lasts; 60 when not given',
    '--json FILE   also writes every figure to FILE',
    '--profile FOLDER  CPU profiles of Parley, of the measurement "replies"',
  ].join('\n')
}

function readArguments(): { names: string[]; options: Options; json: string | undefined; help: boolean } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '60' },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const minutes = Number(values.minutes)
  if (!(minutes > 0)) throw new Error(`--minutes is ${values.minutes}, but must be a number above 0`)
  const { quick, profile, json, help } = values
  return { names: positionals, options: { quick, minutes, profile }, json, help }
}

const say = (progress: string): void => void process.stderr.write(`  ${progress}\n`)

async function main(): Promise<void> {
  const { names, options, json, help } = readArguments()
  if (help) return console.log(usage())
  const wanted = chosen(names, options.quick)
  requireMachine()
  pinPeers()
  const machine = describeMachine()
  const minutes = wanted.reduce((sum, one) => sum + one.minutes(options), 0)
  console.log(
    `${wanted.map(({ name }) => name).join(', ')}: about ${Math.ceil(minutes)} min; up to twice that when other programs disturb it`,
  )
  console.log(
    `${machine.date} · ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB · ${machine.system} · Node ${machine.node} · ${machine.commit.slice(0, 12)}`,
  )
  const reports: Record<string, Report> = {}
  for (const measurement of wanted) {
    console.log(`\n== ${measurement.name}: ${measurement.about}`)
    const report = await measurement.run(options, say)
    reports[measurement.name] = report
    print(report)
    if (json)
      writeFileSync(json, `${JSON.stringify({ machine, quick: options.quick, reports }, undefined, 2)}\n`)
  }
}

function print({ method, tables, notes }: Report): void {
  for (const table of tables) console.log(`\n${formatTable(table)}`)
  if (notes.length > 0) console.log(`\n${notes.map((note) => `! ${note}`).join('\n')}`)
  console.log(`\n${method.map((sentence) => `  ${sentence}`).join('\n')}`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

try {
  await main()
  process.exit(0)
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error)
  process.exit(1)
}
