import type { Reading } from './vocabulary.ts'

/** A feature of a text and how strongly it has it; the squares of all add up to 1. */
export type Features = [name: string, value: number][]

/** A word's stem and a pair of neighbours count less than what the text is about. */
const stemValue = 0.5
const pairValue = 0.35

/** Words met nowhere else speak of another subject; one is enough to say so, a second makes it sure. */
const strangeValue = 0.6
const strangeCounted = 3
const elsewhereValue = 0.7

/**
 * What a classifier sees of a text: its terms, the stems of all words, neighbouring stems, whom it addresses,
 * and how many of its words are strange: `seen` tells in how many questions of the file a term stands. A question of
 * the file is judged as if it were not in the file itself (`own` is 1), so that training meets strange words as well.
 */
export function featuresOf(reading: Reading, seen: (term: string) => number, own: 0 | 1): Features {
  const features = new Map<string, number>()
  for (const [name, { certainty }] of reading.terms) features.set(name, certainty)
  for (const stem of reading.stems) features.set(`~${stem}`, stemValue)
  const framed = ['^', ...reading.stems, '$']
  framed.slice(1).forEach((stem, position) => features.set(`~${framed[position]} ${stem}`, pairValue))
  for (const voice of reading.voices) features.set(`~${voice}:`, stemValue)
  const strange = [...reading.terms.keys()].filter((name) => seen(name) <= own).length
  if (strange > 0) features.set('~strange', strangeValue * Math.min(strange, strangeCounted))
  if ([...reading.terms.values()].some(({ elsewhere }) => elsewhere))
    features.set('~elsewhere', elsewhereValue)
  const length = Math.hypot(...features.values())
  return [...features].map(([name, value]) => [name, value / length])
}
