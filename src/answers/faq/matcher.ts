import type { Language } from '../../model/language.ts'
import { trainClassifier } from './classifier.ts'
import { createFeatures } from './features.ts'
import { createOverlap, termsOf } from './overlap.ts'
import { type Evidence, exactScore, scoreOf } from './score.ts'
import type { Vocabulary } from './vocabulary.ts'
import { type Word, wordsOf } from './words.ts'

/** A way to ask for an entry; `entry` is undefined for a question that is not to be answered from the file. */
export interface Phrasing {
  entry: string | undefined
  language: Language
  text: string
  words: readonly Word[]
}

/** An entry that may answer a text. */
export interface Match extends Evidence {
  entry: string
  /** Certainty that the entry answers the text: from 0.7 on it may, at 0.9 it does. */
  score: number
  /** The text is, word for word, a question of the entry. */
  exact: boolean
  /** The question of the file that is closest, and its language. */
  phrasing: string
  language: Language
  /** Words of the text that speak for the entry. */
  words: string[]
}

export interface Matcher {
  /** The entries that fit a text, best first; those that hardly may are left out. */
  match(text: string): Match[]
  /** Whether a text has a word that carries a topic: "can you help" has none. */
  hasTopic(text: string): boolean
}

export interface MatcherNeeds {
  phrasings: readonly Phrasing[]
  vocabulary: Vocabulary
}

/** Prepares matching; the work of a text is well under a millisecond afterwards. */
export function createMatcher({ phrasings, vocabulary }: MatcherNeeds): Matcher {
  const features = createFeatures()
  // A reading is dropped as soon as it is tallied: thousands of them at once are tens of megabytes.
  const questions = phrasings.map(({ entry, language, text, words }) => {
    const reading = vocabulary.read(words)
    const asked = entry === undefined ? undefined : { entry, language, text, ...termsOf(reading) }
    return { entry, asked, tally: features.learn(reading) }
  })
  const classes = [...new Set(phrasings.map(({ entry }) => entry))]
  const { size, featuresOf } = features.finish()
  const samples = questions.map(({ entry, tally }) => ({
    features: featuresOf(tally, 1),
    label: classes.indexOf(entry),
  }))
  const classifier = trainClassifier(samples, size, classes.length)
  const overlap = createOverlap(questions.flatMap(({ asked }) => asked ?? []))
  return {
    hasTopic: (text) => vocabulary.read(wordsOf(text)).terms.size > 0,
    match(text) {
      const reading = vocabulary.read(wordsOf(text))
      const probabilities = classifier.classify(featuresOf(features.tally(reading), 0))
      const exact = overlap.exact(reading)
      return classes
        .flatMap((entry, position): Match[] => {
          const probability = probabilities[position] ?? 0
          const same = entry !== undefined && exact.has(entry)
          if (entry === undefined || (probability < improbable && !same)) return []
          const found = overlap.compare(reading, entry)
          if (found.words.length === 0 && !same) return []
          const score = same ? exactScore : scoreOf({ ...found, probability }, reading)
          return [{ ...found, entry, probability, score, exact: same }]
        })
        .toSorted(
          (one, other) =>
            other.score - one.score ||
            Number(exact.has(other.entry)) - Number(exact.has(one.entry)) ||
            other.probability - one.probability,
        )
    },
  }
}

/** Entries less probable than this are not looked at. */
const improbable = 0.01
