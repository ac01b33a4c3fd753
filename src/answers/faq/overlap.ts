import type { Language } from '../../model/language.ts'
import type { Reading, Term } from './vocabulary.ts'

/** A question of an entry: `key` and the names of its terms are what its reading is compared by. */
export interface AskedQuestion {
  entry: string
  language: Language
  text: string
  key: string
  terms: readonly string[]
}

export const termsOf = ({ key, terms }: Reading): Pick<AskedQuestion, 'key' | 'terms'> => ({
  key,
  terms: [...terms.keys()],
})

/** What a text and an entry have in common. */
export interface Overlap {
  phrasing: string
  language: Language
  /** How much of the text and of the closest question are the same, 0 to 1. */
  phrasingShare: number
  /** How much of the text are words of the entry, 0 to 1. */
  entryShare: number
  /** Words of the text that the entry uses. */
  words: string[]
}

export interface Overlaps {
  /** The entries of which a text is word for word a question. */
  exact(reading: Reading): ReadonlySet<string>
  compare(reading: Reading, entry: string): Overlap
}

interface Facts {
  /** How much the term tells, 0 to 1: 1 when one entry alone uses it. */
  weight: number
  /** By entry: how strongly the term belongs to it, 0 to 1. */
  belongs: Map<string, number>
}

interface Sized {
  question: AskedQuestion
  weight: number
}

/** Weight of a word of which nothing is known: it may be what the question is about. */
const unknownWeight = 0.7

/** Cost of what differs: a term the text lacks, one of the same entry, one of other entries, an unknown word. */
const cost = { missing: 0.5, known: 0.15, foreign: 0.8, unknown: 0.6 }

export function createOverlap(questions: readonly AskedQuestion[]): Overlaps {
  const facts = factsOf(questions)
  const byEntry = new Map<string, Sized[]>()
  const exact = new Map<string, Set<string>>()
  for (const question of questions) {
    const { entry, key, terms } = question
    let weight = 0
    for (const name of terms) weight += facts.get(name)?.weight ?? 0
    listIn(byEntry, entry).push({ question, weight })
    exact.set(key, (exact.get(key) ?? new Set()).add(entry))
  }
  return {
    exact: (reading) => exact.get(reading.key) ?? none,
    compare: (reading, entry) => compare(reading, { entry, phrasings: byEntry.get(entry) ?? [], facts }),
  }
}

const none: ReadonlySet<string> = new Set()

function listIn<T>(lists: Map<string, T[]>, name: string): T[] {
  const list = lists.get(name) ?? []
  lists.set(name, list)
  return list
}

function factsOf(questions: readonly AskedQuestion[]): Map<string, Facts> {
  const sizes = new Map<string, number>()
  const counts = new Map<string, Map<string, number>>()
  for (const { entry, terms } of questions) {
    sizes.set(entry, (sizes.get(entry) ?? 0) + 1)
    for (const name of terms) {
      const users = counts.get(name) ?? new Map<string, number>()
      counts.set(name, users.set(entry, (users.get(entry) ?? 0) + 1))
    }
  }
  return new Map([...counts].map(([name, users]) => [name, factsOfTerm(users, sizes)]))
}

/** An entry that uses a term an eighth as often as its main user does not make the term less telling. */
const rareUse = 1 / 8

function factsOfTerm(users: Map<string, number>, sizes: Map<string, number>): Facts {
  const shares = [...users].map(([entry, count]): [string, number] => [
    entry,
    count / (sizes.get(entry) ?? 1),
  ])
  const most = Math.max(...shares.map(([, share]) => share))
  const regular = shares.filter(([, share]) => share > most * rareUse).length
  const entries = sizes.size + 1
  return {
    weight: Math.log(entries / regular) / Math.log(entries),
    belongs: new Map(shares.map(([entry, share]) => [entry, share / most])),
  }
}

function total(reading: Reading, value: (name: string, term: Term) => number): number {
  let sum = 0
  for (const [name, term] of reading.terms) sum += value(name, term)
  return sum
}

interface Side {
  entry: string
  phrasings: readonly Sized[]
  facts: Map<string, Facts>
}

function compare(reading: Reading, { entry, phrasings, facts }: Side): Overlap {
  const weightOf = (name: string, term: Term): number =>
    (facts.get(name)?.weight ?? unknownWeight) * term.certainty
  const belonging = (name: string): number => facts.get(name)?.belongs.get(entry) ?? 0
  const own = total(reading, (name, term) => weightOf(name, term) * belonging(name))
  const surplus = total(reading, (name, term) => weightOf(name, term) * costOf(term, belonging(name)))
  let best = { question: phrasings[0]?.question, share: 0 }
  for (const { question, weight } of phrasings) {
    let common = 0
    for (const name of question.terms) {
      const term = reading.terms.get(name)
      if (term) common += weightOf(name, term)
    }
    const missing = Math.max(0, weight - common)
    const share =
      common === 0 ? 0 : common / (common + cost.missing * missing + surplus - cost.known * common)
    if (share > best.share) best = { question, share }
  }
  return {
    phrasing: best.question?.text ?? '',
    language: best.question?.language ?? 'en',
    phrasingShare: best.share,
    entryShare: own / Math.max(total(reading, weightOf), Number.MIN_VALUE),
    words: [...reading.terms].filter(([name]) => belonging(name) > 0).map(([, { word }]) => word),
  }
}

function costOf({ unknown }: Term, belonging: number): number {
  if (belonging > 0) return cost.known
  return unknown ? cost.unknown : cost.foreign
}
