import { median } from './numbers.ts'

/** More than this share of a core taken by somebody else makes a round worth little. */
const disturbedFrom = 0.1

/** How much of a core others had, from 0 to 1. */
export interface Disturbed {
  othersShare: number
}

export interface Rounds<R extends Disturbed> {
  name: string
  all: R[]
  /** Those that count: the undisturbed ones when there are enough, else all. */
  counted: R[]
  /** The middle of one figure over the rounds that count. */
  median(figure: (result: R) => number): number
}

export interface RoundOptions {
  rounds: number
  say: (progress: string) => void
}

/**
 * Measures each subject once a round, so that whatever slows the machine for a while slows them all. Who was disturbed
 * is measured again at the end, as long as that helps, up to as many times again; not when there is one round only.
 */
export async function alternate<S extends { name: string }, R extends Disturbed>(
  subjects: readonly S[],
  { rounds, say }: RoundOptions,
  measure: (subject: S) => Promise<R>,
): Promise<Rounds<R>[]> {
  const results = subjects.map((subject) => ({ subject, all: [] as R[] }))
  const measureAll = async (round: number, wanted: typeof results): Promise<void> => {
    for (const { subject, all } of wanted) {
      say(`${subject.name}, round ${round}${round > rounds ? ', because it was disturbed' : ''}`)
      all.push(await measure(subject))
    }
  }
  for (let round = 1; round <= rounds; round += 1) await measureAll(round, results)
  for (let round = rounds + 1; round <= rounds * 2 && rounds > 1; round += 1) {
    const disturbed = results.filter(({ all }) => all.filter(isCalm).length < rounds)
    await measureAll(round, disturbed)
    // A machine that is never calm is not waited for.
    if (!disturbed.some(({ all }) => all.slice(-1).some(isCalm))) break
  }
  return results.map(({ subject, all }) => roundsOf(subject.name, all, rounds))
}

const isCalm = ({ othersShare }: Disturbed): boolean => othersShare < disturbedFrom

function roundsOf<R extends Disturbed>(name: string, all: R[], enough: number): Rounds<R> {
  const calm = all.filter(isCalm)
  const counted = calm.length >= enough ? calm : all
  return { name, all, counted, median: (figure) => median(counted.map(figure)) }
}

/** What disturbed a measurement, as notes for its reader. */
export function disturbanceNotes(rounds: readonly Rounds<Disturbed>[]): string[] {
  const disturbed = rounds.filter(({ counted }) => !counted.every(isCalm))
  if (disturbed.length === 0) return []
  const names = disturbed.map(({ name, counted }) => {
    const worst = Math.max(...counted.map(({ othersShare }) => othersShare))
    return `${name} up to ${Math.round(worst * 100)} %`
  })
  return [`Other programs had a part of a core while these were measured: ${names.join('; ')}.`]
}

const busyPeers = 0.8

/** Whether people, Telegram and the model may have been what was measured. */
export function peersNotes(rounds: readonly Rounds<Disturbed & { peersShare: number }>[]): string[] {
  const busy = rounds.filter((result) => result.median(({ peersShare }) => peersShare) > busyPeers)
  if (busy.length === 0) return []
  const names = busy.map(({ name }) => name).join(', ')
  return [
    `The load generator used more than ${busyPeers * 100} % of its core; these may be capable of more: ${names}.`,
  ]
}
