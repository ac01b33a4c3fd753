import { parseArgs } from 'node:util'
import type { Measurement, Options } from './measurement.ts'
import { measurements, onlyByName } from './measurements/index.ts'

export interface Arguments {
  wanted: readonly Measurement[]
  options: Options
  json: string | undefined
  markdown: string | undefined
  help: boolean
}

/** Throws with what is wrong and how it is used. */
export function readArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      minutes: { type: 'string', default: '60' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { quick, profile, json, markdown, help } = values
  const minutes = Number(values.minutes)
  if (!(minutes > 0)) throw new Error(`--minutes is ${values.minutes}, but must be a number above 0`)
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds is ${values.rounds}, but must be a whole number above 0`)
  const options = { quick, rounds: quick ? 1 : rounds, minutes, profile }
  return { wanted: chosen(positionals, quick), options, json, markdown, help }
}

function chosen(names: readonly string[], quick: boolean): readonly Measurement[] {
  const unknown = names.filter((name) => !measurements.some((one) => one.name === name))
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}.\n\n${usage()}`)
  if (names.length > 0) return measurements.filter(({ name }) => names.includes(name))
  return quick ? measurements : measurements.filter((one) => !onlyByName.includes(one))
}

export function usage(): string {
  const lines = measurements.map(({ name, about }) => `  ${name.padEnd(8)}  ${about}`)
  const unasked = onlyByName.map(({ name }) => name).join(', ')
  return [
    'Usage: npm run bench [-- NAME … [--quick] [--minutes N] [--json FILE] [--markdown FILE] [--profile FOLDER]]',
    '',
    `Measures what is named, or all but: ${unasked}. A smoke run has that, too.`,
    '',
    ...lines,
    '',
    '  --quick            a smoke run of about two minutes; its figures mean nothing',
    '  --rounds N         how often each is measured; 3 when not given',
    '  --minutes N        how long the soak lasts; 60 when not given',
    '  --json FILE        also writes every figure of every round to FILE',
    '  --markdown FILE    also writes the tables to FILE, for a page',
    '  --profile FOLDER   CPU profiles of Parley, of the measurement "replies"',
  ].join('\n')
}
