import { aligned, countsIn, findingsIn, type Wrongs } from '../crash/findings.ts'
import type { Answer } from './front.ts'
import type { Outcome } from './drill.ts'

/** Nobody may get it, nor wait in vain for it: 499 is nginx's word for who gave up. */
const isBad = ({ status }: Answer): boolean => status >= 499

/** The first process took the connection and closed it without an answer. */
const isCutOff = ({ upstream_status, connected }: Answer): boolean =>
  upstream_status.startsWith('502') && !connected.startsWith('-')

/** What must be nothing. */
const wrongs = {
  lost: (outcome) => outcome.lost,
  'out of order': (outcome) => outcome.disordered,
  misdirected: (outcome) => outcome.misdirected,
  evasive: (outcome) => outcome.evasive,
  repeated: (outcome) => outcome.unexplained,
  'wrong on pages': (outcome) => outcome.broken,
  '499 and 5xx': (outcome) => outcome.answers.filter(isBad).map((answer) => JSON.stringify(answer)),
  faults: (outcome) => outcome.faults,
} satisfies Wrongs<Outcome>

/** Everything that went wrong, in words; empty when all is well. */
export const wrongIn = (outcome: Outcome): string[] => findingsIn(outcome, wrongs)

/** The outcome as an aligned table. */
export function tableOf(outcome: Outcome): string {
  const { answers, rolls, settledMs } = outcome
  const rows: [string, string][] = [
    ['seed', String(outcome.seed)],
    ['seconds', outcome.seconds.toFixed(0)],
    ['messages', String(outcome.asked)],
    [
      'rolls',
      `${rolls.set} set, ${rolls.back} taken back by themselves, ${rolls.untouched + rolls.overtaken + rolls.lost} else`,
    ],
    ['processes replaced', String(outcome.replaced)],
    ['two versions seen', `${outcome.beside} times`],
    ['answers of nginx', `${answers.length}: ${countsOf(answers)}`],
    [
      'asked of another process',
      String(answers.filter(({ upstream_status }) => upstream_status.includes(',')).length),
    ],
    ['of these, cut off by the first', String(answers.filter(isCutOff).length)],
    ...countsIn(outcome, wrongs),
    ['last answers after', Number.isFinite(settledMs) ? `${(settledMs / 1000).toFixed(1)} s` : 'never'],
  ]
  return aligned(rows)
}

function countsOf(answers: Answer[]): string {
  const counts = new Map<number, number>()
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([status, count]) => `${status} ×${count}`)
    .join(', ')
}
