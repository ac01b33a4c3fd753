import type { Language } from '../../model/language.ts'
import type { Reading, Term } from './vocabulary.ts'

/** A question of the file, read. */
export interface ReadPhrasing {
  entry: string | undefined
  language: Language
  text: string
  reading: Reading
}

/** What a text and an entry have in common. */
export interface Overlap {
  entry: string
  phrasing: string
  language: Language
  /** The text is word for word a question of the entry. */
  exact: boolean
  /** How much of the text and of the closest question are the same, 0 to 1. */
  phrasingShare: number
  /** How much of the text are words of the entry, 0 to 1. */
  entryShare: number
  /** Words of the text that the entry uses. */
  words: string[]
}

/** Compares a text with all entries that share a term with it. */
export interface Overlaps {
  compare(reading: Reading): Overlap[]
}

interface Facts {
  /** How much the term tells, 0 to 1: 1 when one entry alone uses it. */
  weight: number
  /** By entry: how strongly the term belongs to it, 0 to 1. */
  belongs: Map<string, number>
}

interface Sized extends ReadPhrasing {
  entry: string
  weight: number
}

/** Weight of a word of which nothing is known: it may be what the question is about. */
const unknownWeight = 0.7

/** Cost of what differs: a term the text lacks, one of the same entry, one of other entries, an unknown word. */
const cost = { missing: 0.5, known: 0.15, foreign: 0.8, unknown: 0.6 }

export function createOverlap(readings: readonly ReadPhrasing[]): Overlaps {
  const facts = factsOf(readings)
  const byEntry = new Map<string, Sized[]>()
  const exact = new Map<string, Set<string>>()
  for (const phrasing of readings) {
    const { entry, reading } = phrasing
    if (entry === undefined) continue
    const weight = total(reading, (name) => facts.get(name)?.weight ?? 0)
    byEntry.set(entry, [...(byEntry.get(entry) ?? []), { ...phrasing, entry, weight }])
    exact.set(reading.key, (exact.get(reading.key) ?? new Set()).add(entry))
  }
  return {
    compare: (reading) => {
      const same = exact.get(reading.key)
      return [...byEntry].flatMap(
        ([entry, phrasings]) =>
          compare(reading, { entry, phrasings, facts, exact: same?.has(entry) ?? false }) ?? [],
      )
    },
  }
}

function factsOf(readings: readonly ReadPhrasing[]): Map<string, Facts> {
  const sizes = new Map<string, number>()
  const counts = new Map<string, Map<string, number>>()
  for (const { entry, reading } of readings) {
    if (entry === undefined) continue
    sizes.set(entry, (sizes.get(entry) ?? 0) + 1)
    for (const name of reading.terms.keys()) {
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

const total = (reading: Reading, value: (name: string, term: Term) => number): number =>
  [...reading.terms].reduce((sum, [name, term]) => sum + value(name, term), 0)

interface Side {
  entry: string
  phrasings: Sized[]
  facts: Map<string, Facts>
  exact: boolean
}

function compare(reading: Reading, { entry, phrasings, facts, exact }: Side): Overlap | undefined {
  const weightOf = (name: string, term: Term): number =>
    (facts.get(name)?.weight ?? unknownWeight) * term.certainty
  const belonging = (name: string): number => facts.get(name)?.belongs.get(entry) ?? 0
  const own = total(reading, (name, term) => weightOf(name, term) * belonging(name))
  if (own === 0 && reading.terms.size > 0 && !exact) return undefined
  const surplus = total(reading, (name, term) => weightOf(name, term) * costOf(term, belonging(name)))
  let best = { phrasing: phrasings[0], share: 0 }
  for (const phrasing of phrasings) {
    const common = total(phrasing.reading, (name) => {
      const term = reading.terms.get(name)
      return term ? weightOf(name, term) : 0
    })
    const missing = Math.max(0, phrasing.weight - common)
    const share =
      common === 0 ? 0 : common / (common + cost.missing * missing + surplus - cost.known * common)
    if (share > best.share) best = { phrasing, share }
  }
  return {
    entry,
    phrasing: best.phrasing?.text ?? '',
    language: best.phrasing?.language ?? 'en',
    exact,
    phrasingShare: exact ? 1 : best.share,
    entryShare: exact ? 1 : own / Math.max(total(reading, weightOf), Number.MIN_VALUE),
    words: [...reading.terms].filter(([name]) => belonging(name) > 0).map(([, { word }]) => word),
  }
}

function costOf({ unknown }: Term, belonging: number): number {
  if (belonging > 0) return cost.known
  return unknown ? cost.unknown : cost.foreign
}
