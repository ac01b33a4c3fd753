import type { Reading } from './vocabulary.ts'

/** What a score is made of; each from 0 to 1. */
export interface Evidence {
  /** By the classifier, which knows the questions of all entries and those not answered here. */
  probability: number
  /** How much of the text and of the entry's closest question are the same. */
  phrasingShare: number
  /** How much of the text are words of the entry. */
  entryShare: number
}

/**
 * Weights of a logistic regression: how likely an entry that comes first is the right one. Found by leaving out a
 * fifth of the agency's questions at a time, those not answered included, and judging them by the rest.
 */
const weights = {
  start: -2.74,
  probability: 0.84,
  phrasingShare: 1.83,
  entryShare: 0.91,
  /** The text speaks to a business, or for one. */
  address: 0.49,
  group: 0.3,
  /** Terms the text has, up to four: a single word may mean anything. */
  terms: 1.6,
  /** The share of terms that stand neither in the file nor in the lexicon. */
  unknown: -0.36,
  /** A text of everyday words alone ("who are you") has nothing to compare. */
  plain: 2.49,
}

const mostTerms = 4
/** Keeps the logarithm of the odds within bounds. */
const margin = 0.02

/** The score from which on an entry may answer, and the highest: at 0.9 it does. */
const enough = 0.7
const certain = 0.9
/** Certainty at which a score is `enough`, and at which it is `certain`: a wrong answer is worse than none. */
const goodOdds = 0.6
const bestOdds = 0.9

/** How surely an entry answers a text: 0.7 where it is likely, 0.9 where there is hardly a doubt. */
export function scoreOf(
  { probability, phrasingShare, entryShare }: Evidence,
  { terms, voices }: Reading,
): number {
  const odds = Math.log((probability + margin) / (1 + margin - probability))
  const sum =
    weights.start +
    weights.probability * odds +
    weights.phrasingShare * phrasingShare +
    weights.entryShare * entryShare +
    (voices.has('address') ? weights.address : 0) +
    (voices.has('group') ? weights.group : 0) +
    weights.terms * (Math.min(terms.size, mostTerms) / mostTerms) +
    weights.unknown * unknownShare(terms) +
    (terms.size === 0 ? weights.plain : 0)
  return calibrated(1 / (1 + Math.exp(-sum)))
}

function unknownShare(terms: Reading['terms']): number {
  let unknown = 0
  for (const term of terms.values()) if (term.unknown) unknown++
  return unknown / Math.max(terms.size, 1)
}

function calibrated(certainty: number): number {
  if (certainty < goodOdds) return (certainty / goodOdds) * enough
  const share = (certainty - goodOdds) / (bestOdds - goodOdds)
  return Math.min(certain, enough + share * (certain - enough))
}

/** The score of a text that is word for word a question of the file. */
export const exactScore = certain
