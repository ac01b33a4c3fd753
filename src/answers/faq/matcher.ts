import type { Language } from '../../model/language.ts'
import { trainClassifier } from './classifier.ts'
import { featuresOf } from './features.ts'
import { createOverlap } from './overlap.ts'
import { type Evidence, exactScore, scoreOf } from './score.ts'
import type { Reading, Vocabulary } from './vocabulary.ts'

/** A way to ask for an entry; `entry` is undefined for a question that is not to be answered from the file. */
export interface Phrasing {
  entry: string | undefined
  language: Language
  text: string
}

/** An entry that may answer a text. */
export interface Match extends Evidence {
  entry: string
  /** Certainty that the entry answers the text: from 0.7 on it may, at 0.9 it does. */
  score: number
  /** The question of the file that is closest, and its language. */
  phrasing: string
  language: Language
  /** Words of the text that speak for the entry. */
  words: string[]
}

export interface Matcher {
  /** The entries that fit a text, best first; none for a text without a topic. */
  match(text: string): Match[]
}

export interface MatcherNeeds {
  phrasings: readonly Phrasing[]
  vocabulary: Vocabulary
}

/** Prepares matching; the work of a text is well under a millisecond afterwards. */
export function createMatcher({ phrasings, vocabulary }: MatcherNeeds): Matcher {
  const readings = phrasings.map((phrasing) => ({ ...phrasing, reading: vocabulary.read(phrasing.text) }))
  const classes = [...new Set(phrasings.map(({ entry }) => entry))]
  const seen = countTerms(readings.map(({ reading }) => reading))
  const samples = readings.map(({ entry, reading }) => ({
    features: featuresOf(reading, seen, 1),
    label: classes.indexOf(entry),
  }))
  const classifier = trainClassifier(samples, classes.length)
  const overlap = createOverlap(readings)
  return {
    match(text) {
      const reading = vocabulary.read(text)
      const probabilities = classifier.classify(featuresOf(reading, seen, 0))
      return overlap
        .compare(reading)
        .map(({ exact, ...found }) => {
          const probability = probabilities[classes.indexOf(found.entry)] ?? 0
          const score = exact ? exactScore : scoreOf({ ...found, probability }, reading)
          return { ...found, probability, score }
        })
        .toSorted((one, other) => other.score - one.score)
    },
  }
}

/** In how many readings a term stands. */
function countTerms(readings: readonly Reading[]): (term: string) => number {
  const counts = new Map<string, number>()
  for (const { terms } of readings)
    for (const name of terms.keys()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return (term) => counts.get(term) ?? 0
}
