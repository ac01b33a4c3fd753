import type { Reading } from './vocabulary.ts'

/** The features of a text: their rows in the classifier's table, and how strong each is. */
export interface Features {
  rows: readonly number[]
  values: readonly number[]
}

/** What a text has that may become a feature. */
export interface Tally {
  /** A number for each trait; one that no question of the file has is `unmet`. */
  traits: readonly number[]
  elsewhere: boolean
}

/**
 * Finds what the questions of a file have in common: terms, the stems of all words, neighbouring stems and units, and
 * whom they address. First all are learnt, then features may be asked for.
 */
export interface FeatureSpace {
  learn(reading: Reading): Tally
  /** Of a text that is not in the file. */
  tally(reading: Reading): Tally
  /** To be asked when all is learnt: the features of a tally and how many rows there are. */
  finish(): { size: number; featuresOf: (tally: Tally, own: 0 | 1) => Features }
}

const kinds = { term: 0, stem: 1, stemPair: 2, unitPair: 3, count: 4 }

/** A word's stem and a pair of neighbours count less than what the text is about. */
const strength = [1, 0.5, 0.35, 0.35]

/** Neighbours met only once tell nothing about the next question. */
const leastPairs = 2

/** Words met nowhere else speak of another subject; one is enough to say so, a second makes it sure. */
const strangeValue = 0.6
const strangeCounted = 3
const elsewhereValue = 0.7

/** Rows of features that are no words. */
const special = { strange: 0, elsewhere: 1, size: 2 }

/** More distinct words than any file has; the last stands for words that are not in it. */
const mostNames = 2 ** 20
const nameless = mostNames - 1

const unmet = (kind: number): number => -1 - kind

type NumberOf = (name: string) => number
type TraitOf = (kind: number, first: number, second: number) => number

interface Traits {
  numbers: Map<string, number>
  byKey: Map<number, number>
  kindOf: number[]
  counts: number[]
}

export function createFeatures(): FeatureSpace {
  const traits: Traits = { numbers: new Map(), byKey: new Map(), kindOf: [], counts: [] }
  const { numbers } = traits
  const known: NumberOf = (name) => numbers.get(name) ?? nameless
  const met: TraitOf = (kind, first, second) => traits.byKey.get(keyOf(kind, first, second)) ?? unmet(kind)
  return {
    learn: (reading) =>
      tallyOf(
        reading,
        (name) => numberFor(numbers, name),
        (kind, first, second) => count(traits, kind, keyOf(kind, first, second)),
      ),
    tally: (reading) => tallyOf(reading, known, met),
    finish: () => finish(traits),
  }
}

const keyOf = (kind: number, first: number, second: number): number =>
  (first * mostNames + second) * kinds.count + kind

function numberFor<K>(numbers: Map<K, number>, name: K): number {
  const number = numbers.get(name)
  if (number !== undefined) return number
  numbers.set(name, numbers.size)
  return numbers.size - 1
}

function count({ byKey, kindOf, counts }: Traits, kind: number, key: number): number {
  const trait = numberFor(byKey, key)
  kindOf[trait] = kind
  counts[trait] = (counts[trait] ?? 0) + 1
  return trait
}

function tallyOf({ terms, stems, units, voices }: Reading, numberOf: NumberOf, traitOf: TraitOf): Tally {
  const traits: number[] = []
  let elsewhere = false
  for (const [name, term] of terms) {
    traits.push(traitOf(kinds.term, numberOf(name), 0))
    if (term.elsewhere) elsewhere = true
  }
  for (const stem of stems) traits.push(traitOf(kinds.stem, numberOf(stem), 0))
  for (const voice of voices) traits.push(traitOf(kinds.stem, numberOf(voice), 0))
  const pairs = (kind: number, names: readonly string[]): void => {
    let before = numberOf(edge)
    for (let position = 0; position <= names.length; position++) {
      const next = numberOf(names[position] ?? edge)
      traits.push(traitOf(kind, before, next))
      before = next
    }
  }
  pairs(kinds.stemPair, stems)
  pairs(kinds.unitPair, units)
  return { traits, elsewhere }
}

/** Stands beside the first and the last word. */
const edge = '^'

/** `own` is 1 for a question of the file, which is judged as if it were not in it: so training meets strange words. */
function finish(traits: Traits): ReturnType<FeatureSpace['finish']> {
  const { kindOf, counts } = traits
  let size = special.size
  const rows = Int32Array.from(kindOf, (kind, trait) =>
    kind <= kinds.stem || (counts[trait] ?? 0) >= leastPairs ? size++ : -1,
  )
  traits.byKey = withRows(traits.byKey, rows)
  const isStrange = (trait: number, own: 0 | 1): boolean =>
    trait === unmet(kinds.term) || (kindOf[trait] === kinds.term && (counts[trait] ?? 0) <= own)
  const valueOf = (trait: number): number => strength[trait < 0 ? unmet(trait) : (kindOf[trait] ?? 0)] ?? 0
  const gathered = gatherer(size)
  const featuresOf = ({ traits: given, elsewhere }: Tally, own: 0 | 1): Features => {
    let strange = 0
    let squares = 0
    for (const trait of given) {
      const value = valueOf(trait)
      squares += value * value
      if (isStrange(trait, own)) strange++
      gathered.add(rows[trait] ?? -1, value)
    }
    if (strange > 0) gathered.add(special.strange, strangeValue * Math.min(strange, strangeCounted))
    if (elsewhere) gathered.add(special.elsewhere, elsewhereValue)
    // What has no row counts as well: the less of a text is known, the less it says.
    return gathered.take(Math.sqrt(squares))
  }
  return { size, featuresOf }
}

/** Traits without a row are the same as unmet ones, and need not be kept. */
function withRows(byKey: ReadonlyMap<number, number>, rows: Int32Array): Map<number, number> {
  const kept = new Map<number, number>()
  for (const [key, trait] of byKey) if ((rows[trait] ?? -1) >= 0) kept.set(key, trait)
  return kept
}

/** Gathers the features of one text after the other, in the same room, so that thousands of texts make no garbage. */
function gatherer(size: number): { add(row: number, value: number): void; take(length: number): Features } {
  const found: number[] = []
  const values: number[] = []
  const lastUse = new Float64Array(size)
  let text = 1
  let used = 0
  return {
    add: (row, value) => {
      if (row < 0 || lastUse[row] === text) return
      lastUse[row] = text
      found[used] = row
      values[used++] = value
    },
    take: (length) => {
      for (let index = 0; index < used; index++) values[index] = (values[index] ?? 0) / length
      const features = { rows: found.slice(0, used), values: values.slice(0, used) }
      text++
      used = 0
      return features
    },
  }
}
