import { quantile } from './counts.ts'
import type { Outcome } from './storm.ts'

/** What must be nothing. */
const wrongs = {
  lost: (outcome: Outcome) => outcome.lost,
  'out of order': (outcome: Outcome) => outcome.disordered,
  misdirected: (outcome: Outcome) => outcome.misdirected,
  evasive: (outcome: Outcome) => outcome.evasive,
  'repeated without a break': (outcome: Outcome) => outcome.unexplained,
  'wrong on pages': (outcome: Outcome) => outcome.broken,
  faults: (outcome: Outcome) => outcome.counts.faults,
} satisfies Record<string, (outcome: Outcome) => readonly string[]>

/** Everything that went wrong, in words; empty when all is well. */
export function wrongIn(outcome: Outcome): string[] {
  const found = Object.entries(wrongs).flatMap(([name, list]) =>
    list(outcome).map((what) => `${name}: ${what}`),
  )
  return Number.isFinite(outcome.settledMs) ? found : [...found, 'not everything was answered in the end']
}

/** The outcome as an aligned table. */
export function tableOf(outcome: Outcome): string {
  const { recoveryMs, settledMs } = outcome
  const rows: [string, string][] = [
    ['seed', String(outcome.seed)],
    ['seconds', outcome.seconds.toFixed(0)],
    ['messages', String(outcome.asked)],
    ...outcome.counts.rows(),
    ...Object.entries(wrongs).map(([name, list]): [string, string] => [name, String(list(outcome).length)]),
    ['repeated at a break', String(outcome.repeated - outcome.unexplained.length)],
    [
      'answered after a kill',
      `p50 ${inSeconds(quantile(recoveryMs, 0.5))}, max ${inSeconds(recoveryMs.at(-1) ?? 0)}`,
    ],
    ['backlog answered after', Number.isFinite(settledMs) ? inSeconds(settledMs) : 'never'],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return `${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n`
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
