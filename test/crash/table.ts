import { quantile } from './counts.ts'
import { aligned, countsIn, findingsIn, type Wrongs } from './findings.ts'
import type { Outcome } from './storm.ts'

/** From the last start until all was answered; the usual recipe takes 57 s, until its locks have run out. */
const longestBacklogMs = 20_000

/** What must be nothing. */
const wrongs = {
  lost: (outcome: Outcome) => outcome.lost,
  'out of order': (outcome: Outcome) => outcome.disordered,
  misdirected: (outcome: Outcome) => outcome.misdirected,
  evasive: (outcome: Outcome) => outcome.evasive,
  'repeated without a break': (outcome: Outcome) => outcome.unexplained,
  'wrong on pages': (outcome: Outcome) => outcome.broken,
  faults: (outcome: Outcome) => outcome.counts.faults,
  'backlog answered too late': ({ settledMs }: Outcome) =>
    settledMs > longestBacklogMs ? [`after ${inSeconds(settledMs)}`] : [],
} satisfies Wrongs<Outcome>

/** Everything that went wrong, in words; empty when all is well. */
export const wrongIn = (outcome: Outcome): string[] => findingsIn(outcome, wrongs)

/** The outcome as an aligned table. */
export function tableOf(outcome: Outcome): string {
  const { recoveryMs, settledMs, agesMs, recordedMs } = outcome
  const rows: [string, string][] = [
    ['seed', String(outcome.seed)],
    ['seconds', outcome.seconds.toFixed(0)],
    ['messages', String(outcome.asked)],
    ['later parts', String(outcome.laterParts)],
    ...outcome.counts.rows(),
    ...countsIn(outcome, wrongs),
    [
      'repeated at a break',
      `${agesMs.length}, sent before it p50 ${inSeconds(quantile(agesMs, 0.5))}, max ${inSeconds(agesMs.at(-1) ?? 0)}`,
    ],
    ['sent and recorded, p90', `${Math.round(recordedMs)} ms`],
    ['looks at the tables', String(outcome.audit.looks())],
    [
      'answered after a kill',
      `p50 ${inSeconds(quantile(recoveryMs, 0.5))}, max ${inSeconds(recoveryMs.at(-1) ?? 0)}`,
    ],
    ['backlog answered after', Number.isFinite(settledMs) ? inSeconds(settledMs) : 'never'],
  ]
  return aligned(rows)
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
