import { parseArgs } from 'node:util'
import { quantile } from './counts.ts'
import { randomSeed } from './random.ts'
import { type Outcome, storm, type StormOptions } from './storm.ts'

/**
 * The long form: `npm run test:crash -- [--kills N] [--minutes M] [--seed S] [--database sqlite|postgres]
 * [--receive webhook|polling] [--rate N] [--steps]`. Ends with 1 when anything was lost, out of order, misdirected or
 * doubled without a reason.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    database: { type: 'string', default: 'postgres' },
    receive: { type: 'string', default: 'webhook' },
    rate: { type: 'string', default: '100' },
    steps: { type: 'boolean', default: false },
  },
})

const kind = values.database === 'sqlite' ? 'sqlite' : 'postgres'
const seed = Number(values.seed ?? randomSeed())
const options: StormOptions = {
  kind,
  receive: values.receive === 'polling' ? 'polling' : 'webhook',
  seed,
  kills: Number(values.kills ?? (values.minutes === undefined ? 100 : Number.POSITIVE_INFINITY)),
  minutes: Number(values.minutes ?? 60),
  people: { onTelegram: 40, onWeb: 20, perSecond: Number(values.rate) },
  pauseMs: [200, 1600],
  weights:
    kind === 'postgres'
      ? { kill: 100, replace: 8, postgres: 4, redis: 4, network: 10, telegram: 4, model: 8, disk: 1 }
      : { kill: 100, replace: 0, network: 10, telegram: 4, model: 8, disk: 3 },
  armed: 0.5,
  megabytes: kind === 'postgres' ? 2000 : 600,
  log: (line) => {
    if (values.steps || /^\d/.test(line)) process.stdout.write(`${line}\n`)
  },
}

process.stdout.write(`seed ${seed}, ${kind}, ${options.receive}\n`)
const outcome = await storm(options)
process.stdout.write(tableOf(outcome))
process.exitCode = isGood(outcome) ? 0 : 1

function isGood({
  lost,
  evasive,
  disordered,
  misdirected,
  unexplained,
  broken,
  counts,
  settledMs,
}: Outcome): boolean {
  const wrong = [lost, evasive, disordered, misdirected, unexplained, broken, counts.faults]
  return settledMs !== undefined && wrong.every((list) => list.length === 0)
}

function tableOf(outcome: Outcome): string {
  const { recoveryMs, settledMs } = outcome
  const some = (list: readonly string[]): string =>
    list.length === 0 ? '0' : `${list.length}: ${list.slice(0, 5).join('; ')}`
  const rows: [string, string][] = [
    ['seed', String(outcome.seed)],
    ['seconds', outcome.seconds.toFixed(0)],
    ['messages', String(outcome.asked)],
    ...outcome.counts.rows(),
    ['lost', some(outcome.lost)],
    ['out of order', some(outcome.disordered)],
    ['misdirected', some(outcome.misdirected)],
    ['repeated', String(outcome.repeated)],
    ['… unexplained', some(outcome.unexplained)],
    ['evasive', some(outcome.evasive)],
    ['wrong on pages', some(outcome.broken)],
    ['faults', some(outcome.counts.faults)],
    ['recovery p50', `${Math.round(quantile(recoveryMs, 0.5))} ms`],
    ['recovery max', `${Math.round(recoveryMs.at(-1) ?? 0)} ms`],
    ['all answered after', settledMs === undefined ? 'never' : `${Math.round(settledMs)} ms`],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return `\n${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n`
}
