import type { Reading } from './vocabulary.ts'

/** The features of a text: their rows in the classifier's table, and how strong each is. */
export interface Features {
  rows: Uint32Array
  values: Float32Array
}

/** Turns readings into features. */
export interface FeatureSpace {
  /** How many rows there are. */
  size: number
  /** `own` is 1 for a question of the file, which is judged as if it were not in it: so training meets strange words. */
  of(reading: Reading, own: 0 | 1): Features
}

/** A word's stem and a pair of neighbours count less than what the text is about. */
const stemValue = 0.5
const pairValue = 0.35

/** Words met nowhere else speak of another subject; one is enough to say so, a second makes it sure. */
const strangeValue = 0.6
const strangeCounted = 3
const elsewhereValue = 0.7

/** Neighbours met only once tell nothing about the next question. */
const leastPairs = 2

/**
 * What the questions of a file have in common: terms, the stems of all words, neighbouring stems, neighbouring units,
 * whom they address, and how many words are strange, that is, stand in no other question.
 */
export function createFeatures(readings: readonly Reading[]): FeatureSpace {
  const numbers = new Map<string, number>()
  const seen = new Map<string, number>()
  const counts = new Map<number, number>()
  const grow = (name: string): number => {
    const number = numbers.get(name) ?? numbers.size
    if (number === numbers.size) numbers.set(name, number)
    return number
  }
  for (const reading of readings) {
    for (const name of reading.terms.keys()) seen.set(name, (seen.get(name) ?? 0) + 1)
    visit(reading, grow, (key) => counts.set(key, (counts.get(key) ?? 0) + 1))
  }
  const rows = rowsOf(counts)
  const known = (name: string): number | undefined => numbers.get(name)
  return {
    size: rows.size + special.size,
    of: (reading, own) => {
      const found = new Map<number, number>()
      let squares = 0
      visit(reading, known, (key, value) => {
        squares += value * value
        const row = rows.get(key)
        if (row !== undefined) found.set(row + special.size, value)
      })
      const strange = countStrange(reading, (name) => (seen.get(name) ?? 0) <= own)
      if (strange > 0) found.set(special.strange, strangeValue * Math.min(strange, strangeCounted))
      for (const { elsewhere } of reading.terms.values())
        if (elsewhere) found.set(special.elsewhere, elsewhereValue)
      return scaled(found, squares)
    },
  }
}

/** Rows of features that are no words. */
const special = { strange: 0, elsewhere: 1, size: 2 }

const kinds = { term: 0, stem: 1, stemPair: 2, unitPair: 3, count: 4 }

/** More distinct words than any file has; the last stands for words that are not in it. */
const mostNames = 2 ** 20
const nameless = mostNames - 1

const keyOf = (kind: number, first: number, second: number): number =>
  (first * mostNames + second) * kinds.count + kind

function rowsOf(counts: ReadonlyMap<number, number>): Map<number, number> {
  const rows = new Map<number, number>()
  for (const [key, count] of counts)
    if (count >= leastPairs || key % kinds.count <= kinds.stem) rows.set(key, rows.size)
  return rows
}

/** Names the features of a text by numbers; what nobody numbered is nameless. */
function visit(
  { terms, stems, units, voices }: Reading,
  numberOf: (name: string) => number | undefined,
  see: (key: number, value: number) => void,
): void {
  const single = (kind: number, name: string, value: number): void =>
    see(keyOf(kind, numberOf(name) ?? nameless, 0), value)
  for (const [name, { certainty }] of terms) single(kinds.term, name, certainty)
  for (const stem of stems) single(kinds.stem, stem, stemValue)
  for (const voice of voices) single(kinds.stem, voice, stemValue)
  pairs(stems, numberOf, (first, second) => see(keyOf(kinds.stemPair, first, second), pairValue))
  pairs(units, numberOf, (first, second) => see(keyOf(kinds.unitPair, first, second), pairValue))
}

const edge = '^'

/** Neighbours, the first and the last beside the edge of the text. */
function pairs(
  names: readonly string[],
  numberOf: (name: string) => number | undefined,
  see: (first: number, second: number) => void,
): void {
  let before = numberOf(edge) ?? nameless
  for (let position = 0; position <= names.length; position++) {
    const next = numberOf(names[position] ?? edge) ?? nameless
    see(before, next)
    before = next
  }
}

function countStrange({ terms }: Reading, isStrange: (name: string) => boolean): number {
  let strange = 0
  for (const name of terms.keys()) if (isStrange(name)) strange++
  return strange
}

/** `squares` counts what has no row as well: the less of a text is known, the less it says. */
function scaled(found: ReadonlyMap<number, number>, squares: number): Features {
  const rows = new Uint32Array(found.size)
  const values = new Float32Array(found.size)
  const length = Math.sqrt(squares)
  let at = 0
  for (const [row, value] of found) {
    rows[at] = row
    values[at++] = value / length
  }
  return { rows, values }
}
