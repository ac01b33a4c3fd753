import type { Match, Matcher } from './matcher.ts'
import { longestText } from './words.ts'

/** A question found in a text, and what would have been the next best answer. */
export interface Found {
  match: Match
  runnerUp: Match | undefined
}

/** More sentences than this are a document, not a question. */
const mostParts = 12
/** How much surer a part must be than the text as a whole: a short part may mean anything. */
const partCaution = 0.1
/** A sentence that is this close to a question of the file is that question. */
const oneQuestion = 0.9
/** How probable each half's entry must be for the sentence as a whole, where the other half hides it. */
const half = 0.04
/** What each half of such a sentence must score. */
export const halfScore = 0.88

/** The questions of a text, in order, that score at least `minimum`: of its sentences, or of all of it together. */
export function findQuestions(text: string, matcher: Matcher, minimum: number): Found[] {
  const parts = partsOf(text)
  const asked = parts.filter(isQuestion)
  const found = distinctEntries(accept(findIn(asked, matcher), minimum))
  const chosen = found.length > 0 ? found : distinctEntries(accept(findIn(parts, matcher), minimum))
  if (chosen.length > 1 || parts.length === 1) return chosen
  const [only] = chosen
  const whole = bestOf(text, matcher)
  if (only === undefined) return accept(whole ? [whole] : [], minimum)
  return [whole && whole.match.score >= only.match.score - partCaution ? whole : only]
}

/** The matcher, which looks at no more than `most` different texts and knows nothing about others. */
export function lookingAtMost(most: number, matcher: Matcher): Matcher {
  const seen = new Map<string, Match[]>()
  return {
    ...matcher,
    match(text) {
      const known = seen.get(text)
      if (known) return known
      if (seen.size >= most) return []
      const matches = matcher.match(text)
      seen.set(text, matches)
      return matches
    },
  }
}

/** The matcher, which answers what is for the team only where the file has that very question. */
export function leavingToTeam(isForTeam: (text: string) => boolean, matcher: Matcher): Matcher {
  return {
    ...matcher,
    match: (text) => matcher.match(text).filter(({ exact }) => exact || !isForTeam(text)),
  }
}

/** Sentences and lines; a text without any is one part. */
export function partsOf(text: string): string[] {
  const parts = text
    .slice(0, longestText)
    .split(/\n+|(?<=[.?!…])\s+/u)
    .map((part) => part.trim())
    .filter((part) => /[\p{L}\p{N}]/u.test(part))
  return parts.length > 0 ? parts.slice(0, mostParts) : [text.slice(0, longestText)]
}

export const isQuestion = (part: string): boolean => /[?？]\P{L}*$/u.test(part)

function bestOf(text: string, matcher: Matcher): Found | undefined {
  const [match, runnerUp] = matcher.match(text)
  return match && { match, runnerUp }
}

const findIn = (parts: readonly string[], matcher: Matcher): Found[] =>
  parts.flatMap((part) => {
    const matches = matcher.match(part)
    const [match, runnerUp] = matches
    if (match && match.phrasingShare < oneQuestion) {
      const likely = new Set(
        matches.filter(({ probability }) => probability >= half).map(({ entry }) => entry),
      )
      const halves = halvesOf(part, matcher)
      if (halves.length === 2 && halves.every(({ match: { entry } }) => likely.has(entry))) return halves
    }
    return match ? [{ match, runnerUp }] : []
  })

const joint =
  /[\s,]+(?:and|plus|и|а также|а)\s+(?=(?:what|how|when|which|who|do|does|can|is|are|сколько|как|каки[ехм]|как(?:ой|ая|ую)|когда|кто|есть|можно)\s)/iu

/** The halves of a sentence of two questions, each with its own question word; else the sentence alone. */
export const halvesAt = (part: string): string[] => {
  const halves = part.split(joint)
  return halves.length === 2 ? halves : [part]
}

/** "What does it cost, and how long does it take": two questions, where both halves are clearly ones of their own. */
function halvesOf(part: string, matcher: Matcher): Found[] {
  const halves = halvesAt(part)
  return halves.length === 2 ? distinctEntries(accept(bestOfEach(halves, matcher), halfScore)) : []
}

const bestOfEach = (halves: readonly string[], matcher: Matcher): Found[] =>
  halves.map((half) => bestOf(half, matcher)).filter((found) => found !== undefined)

const accept = (found: readonly Found[], minimum: number): Found[] =>
  found.filter(({ match }) => match.score >= minimum)

/** The first of each entry. */
export function distinctEntries(found: readonly Found[]): Found[] {
  const seen = new Set<string>()
  return found.filter(({ match }) => !seen.has(match.entry) && seen.add(match.entry))
}
