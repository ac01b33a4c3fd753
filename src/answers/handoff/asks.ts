import { english } from './english.ts'
import type { Phrasebook } from './phrasebook.ts'
import { russian } from './russian.ts'
import { isAmong } from './typo.ts'

/** Who wants a human says so at the beginning. */
const lengthRead = 1000
/** A request without a verb ("operator, please") is no longer than this, in words. */
const bareRequest = 6
/** How far before a verb its subject or negation may stand, in words. */
const reachBack = 4

/** Whether a person asks to talk to a human, in English or Russian; slips of the finger are forgiven. */
export function asksForHuman(text: string): boolean {
  const clauses = clausesOf(text)
  return [english, russian].some(
    (book) => isBareRequest(clauses.flat(), book) || clauses.some((clause) => asks(clause, book)),
  )
}

/** The words of each clause, lower case. */
export function clausesOf(text: string): string[][] {
  return text
    .slice(0, lengthRead)
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replaceAll('’', "'")
    .split(/[.,!?;:…()\n]+/)
    .map((clause) => clause.match(/[\p{L}\p{N}']+(?:-[\p{L}\p{N}]+)*/gu) ?? [])
    .filter((words) => words.length > 0)
}

/** "A human, please", and no word besides. */
function isBareRequest(words: string[], book: Phrasebook): boolean {
  if (words.length > bareRequest || !mentionsPlainly(words, book)) return false
  return words.every(
    (word) =>
      !isPersonal(word) &&
      [book.fillers, book.modifiers, book.humans, book.plain].some((set) => isAmong(word, set)),
  )
}

/** "Are you a human" is a question about the bot. */
const isPersonal = (word: string): boolean => word === 'you' || word === 'вы' || word === 'is'

const mentionsPlainly = (words: string[], book: Phrasebook): boolean =>
  words.some((word) => isAmong(word, book.plain)) ||
  (words.some((word) => isAmong(word, book.living)) && words.some((word) => isAmong(word, book.humans)))

function asks(clause: string[], book: Phrasebook): boolean {
  if (!clause.some((word) => isAmong(word, book.humans) || isAmong(word, book.plain))) return false
  return (
    isShortRequest(clause, book) ||
    clause.some((_, index) => reaches(clause, index, book) || wants(clause, index, book))
  )
}

/** All the clause says is that a human is wanted, in whatever order. */
function isShortRequest(clause: string[], book: Phrasebook): boolean {
  const sets = [book.fillers, book.modifiers, book.humans, book.plain, book.reach, book.want, book.links]
  const verb = clause.some((word) => isAmong(word, book.reach) || book.want.has(word))
  const byOthers = clause.some(
    (word) => book.others.has(word) && !book.fillers.has(word) && !book.humans.has(word),
  )
  return (
    verb &&
    !byOthers &&
    mentionsPlainly(clause, book) &&
    clause.every((word) => sets.some((set) => isAmong(word, set)))
  )
}

/** "… talk to a real person …" */
function reaches(clause: string[], verb: number, book: Phrasebook): boolean {
  if (!isAmong(clause[verb] ?? '', book.reach) || isDenied(clause, verb, book)) return false
  const person = personAfter(clause, verb, book)
  if (person === undefined) return false
  const next = clause[person.end]
  return next === undefined || book.followers === undefined || book.followers.has(next)
}

/** "… and I want a human": nothing may follow. */
function wants(clause: string[], verb: number, book: Phrasebook): boolean {
  if (!book.want.has(clause[verb] ?? '') || isDenied(clause, verb, book) || clause.includes('you'))
    return false
  const person = personAfter(clause, verb, book)
  return person !== undefined && person.living && person.end === clause.length
}

/** The human a verb is about: where the words for them end, and whether they are said to be alive. */
function personAfter(
  clause: string[],
  verb: number,
  book: Phrasebook,
): { end: number; living: boolean } | undefined {
  let index = verb + 1
  while (index < clause.length && index <= verb + reachBack && book.links.has(clause[index] ?? '')) index += 1
  const first = index
  let end = 0
  for (; index < clause.length; index += 1) {
    const word = clause[index] ?? ''
    if (isHuman(word, book)) end = index + 1
    else if (!isAmong(word, book.modifiers)) break
  }
  if (end === 0) return undefined
  const words = clause.slice(first, end)
  return { end, living: words.some((word) => isAmong(word, book.living)) }
}

const isHuman = (word: string, book: Phrasebook): boolean =>
  !book.things.has(word) && isAmong(word, book.humans)

/** Not wanted, or wanted by somebody else. */
function isDenied(clause: string[], verb: number, book: Phrasebook): boolean {
  const start = Math.max(0, verb - reachBack)
  const before = clause.slice(start, verb)
  if (before.some((word) => book.others.has(word))) return true
  return before.some((word, index) => book.negators.has(word) && !book.polite.has(before[index + 1] ?? ''))
}
