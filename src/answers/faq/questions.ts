import type { Match, Matcher } from './matcher.ts'
import { longestText } from './words.ts'

/** A question found in a text, and what would have been the next best answer. */
export interface Found {
  match: Match
  runnerUp: Match | undefined
}

/** More questions than this in one burst are left to whoever answers next. */
const mostAnswers = 3
/** More sentences than this are a document, not a question. */
const mostParts = 24
/** How much the part of a longer text must be surer than the text as a whole: a short part may mean anything. */
const partCaution = 0.1

/** The questions of a text, in order, that score at least `minimum`: of its sentences, or of all of it together. */
export function findQuestions(text: string, matcher: Matcher, minimum: number): Found[] {
  const whole = bestOf(text, matcher)
  const parts = partsOf(text)
  if (parts.length === 1) return accept(whole ? [whole] : [], minimum)
  const asked = parts.filter(isQuestion)
  const found = distinct(accept(findIn(asked, matcher), minimum))
  const chosen = found.length > 0 ? found : distinct(accept(findIn(parts, matcher), minimum))
  const [only, ...others] = chosen
  if (only === undefined || others.length > 0)
    return only ? chosen.slice(0, mostAnswers) : accept(whole ? [whole] : [], minimum)
  return [whole && whole.match.score >= only.match.score - partCaution ? whole : only]
}

/** Sentences and lines; a text without any is one part. */
export function partsOf(text: string): string[] {
  const parts = text
    .slice(0, longestText)
    .split(/\n+|(?<=[.?!…])\s+/u)
    .map((part) => part.trim())
    .filter((part) => /[\p{L}\p{N}]/u.test(part))
  return parts.length > 0 ? parts.slice(0, mostParts) : [text]
}

export const isQuestion = (part: string): boolean => /[?？]\P{L}*$/u.test(part)

function bestOf(text: string, matcher: Matcher): Found | undefined {
  const [match, runnerUp] = matcher.match(text)
  return match && { match, runnerUp }
}

const findIn = (parts: readonly string[], matcher: Matcher): Found[] =>
  parts.map((part) => bestOf(part, matcher)).filter((found) => found !== undefined)

const accept = (found: readonly Found[], minimum: number): Found[] =>
  found.filter(({ match }) => match.score >= minimum)

function distinct(found: readonly Found[]): Found[] {
  const seen = new Set<string>()
  return found.filter(({ match }) => !seen.has(match.entry) && seen.add(match.entry))
}
