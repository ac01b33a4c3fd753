import { itemsOf, type Lexicon } from './lexicon/lexicon.ts'
import { createNearest, type Nearest } from './nearest.ts'
import { type Word, wordsOf } from './words.ts'

/** What a text says: terms are concepts (`@price`) or the stems of other words that carry a topic. */
export interface Reading {
  terms: Map<string, Term>
  /** Who is spoken of: whoever runs the bot ("your", "вы"), a group ("we"), the person alone ("my"). */
  voices: ReadonlySet<Voice>
  /** Stems of all words but fillers, in order. */
  stems: string[]
  /** The same with concepts in place of their words, so that "how much is" and "the price of" are one. */
  units: string[]
  /** Stems of all words in order: equal for two texts that are the same question. */
  key: string
}

export interface Term {
  /** As written. */
  word: string
  /** 1, or less when a slip of the pen was mended. */
  certainty: number
  /** A subject that is nobody's business (elsewhere.ts). */
  elsewhere: boolean
  /** Neither the lexicon nor the questions of the file know the word. */
  unknown: boolean
}

/** Turns texts into terms. */
export interface Vocabulary {
  read(words: readonly Word[]): Reading
}

export type Voice = 'address' | 'group' | 'personal'

type Meaning = { kind: 'filler' | 'light' | Voice } | { kind: 'concept' | 'elsewhere'; name: string }

interface Phrase {
  stems: string[]
  meaning: Meaning
}

type Phrases = Map<string, Phrase[]>

export interface VocabularyNeeds {
  lexicons: readonly Lexicon[]
  /** Concepts of subjects that are nobody's business; a word a lexicon has as well stays with the lexicon. */
  elsewhere: readonly Readonly<Record<string, string>>[]
  /** Concepts of the FAQ file; they win over the lexicons'. */
  concepts: Readonly<Record<string, readonly string[]>>
  /** Names people call the owner by. */
  names: readonly string[]
  /** Questions of the entries: their words are known, and never those of a subject elsewhere. */
  answered: readonly (readonly Word[])[]
  /** Questions not answered; their words are known, too. */
  unanswered: readonly (readonly Word[])[]
}

const voiceKinds: readonly Voice[] = ['address', 'group', 'personal']

const mendedCertainty = 0.85
/** Strange words of a text that are looked up as misspelt; a long text in another language must not cost much. */
const mostMended = 12

export function createVocabulary({
  lexicons,
  elsewhere,
  concepts,
  names,
  answered,
  unanswered,
}: VocabularyNeeds): Vocabulary {
  const fillers: Phrases = new Map()
  const phrases: Phrases = new Map()
  const known = new Map<string, string>()
  const add = (into: Phrases, items: readonly string[], meaning: Meaning): void => {
    for (const item of items) addPhrase(into, item, meaning, known)
  }
  for (const [name, items] of Object.entries(concepts))
    add(phrases, items, { kind: 'concept', name: `@${name}` })
  add(phrases, names, { kind: 'address' })
  for (const lexicon of lexicons) {
    add(fillers, itemsOf(lexicon.fillers), { kind: 'filler' })
    for (const voice of voiceKinds) add(phrases, itemsOf(lexicon[voice]), { kind: voice })
    add(phrases, itemsOf(lexicon.light), { kind: 'light' })
    for (const [name, list] of Object.entries(lexicon.concepts))
      add(phrases, itemsOf(list), { kind: 'concept', name: `@${name}` })
  }
  for (const words of answered) learn(words, known)
  const business = [...known.keys()]
  const used = new Set<string>()
  for (const words of answered) for (const { stem } of words) used.add(stem)
  for (const subjects of elsewhere)
    for (const [name, list] of Object.entries(subjects)) {
      const free = itemsOf(list).filter((item) => !used.has(keyOf(wordsOf(item))))
      add(phrases, free, { kind: 'elsewhere', name: `@${name}` })
    }
  for (const words of unanswered) learn(words, known)
  const nearest = createNearest(business)
  return { read: (words) => read(words, { fillers, phrases, known, nearest }) }
}

const keyOf = (words: readonly Word[]): string => words.map(({ stem }) => stem).join(' ')

/** The first meaning of a phrase stays; the longest phrase is tried first. */
function addPhrase(into: Phrases, item: string, meaning: Meaning, known: Map<string, string>): void {
  const words = wordsOf(item)
  const stems = words.map(({ stem }) => stem)
  const first = stems[0]
  if (first === undefined) return
  learn(words, known)
  const list = into.get(first) ?? []
  if (list.some((phrase) => sameStems(phrase.stems, stems))) return
  list.push({ stems, meaning })
  if (list.length > 1) list.sort((one, other) => other.stems.length - one.stems.length)
  into.set(first, list)
}

/** A word is known as written and as its stem, for a slip may have spoilt the ending. */
function learn(words: readonly Word[], known: Map<string, string>): void {
  for (const { written, stem } of words)
    if (known.get(written) !== stem || !known.has(stem)) known.set(written, stem).set(stem, stem)
}

const sameStems = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((stem, position) => stem === other[position])

interface Tables {
  fillers: Phrases
  phrases: Phrases
  known: Map<string, string>
  nearest: Nearest
}

interface MendedWord extends Word {
  /** Below 1 for a word that was misspelt. */
  certainty?: number
}

function read(words: readonly Word[], { fillers, phrases, known, nearest }: Tables): Reading {
  let strange = 0
  const mended = words.map((word): MendedWord => {
    const plain = known.has(word.stem) || /\d/.test(word.stem) || ++strange > mostMended
    return plain ? word : mend(word, known, nearest)
  })
  const core: MendedWord[] = []
  walk(mended, fillers, (word, phrase) => {
    if (phrase === undefined) core.push(word)
  })
  const terms = new Map<string, Term>()
  const units: string[] = []
  const voices = new Set<Voice>()
  walk(core, phrases, (word, phrase, start) => {
    const length = phrase?.stems.length ?? 1
    if (phrase === undefined || 'name' in phrase.meaning)
      addTerm(terms, core.slice(start, start + length), phrase, known)
    units.push(unitOf(word, phrase))
  })
  for (const { stem } of core) {
    const voice = voiceOf(stem, phrases)
    if (voice) voices.add(voice)
  }
  return { terms, voices, stems: core.map(({ stem }) => stem), units, key: keyOf(mended) }
}

function unitOf({ stem }: Word, phrase: Phrase | undefined): string {
  if (phrase === undefined || phrase.meaning.kind === 'light') return stem
  return 'name' in phrase.meaning ? phrase.meaning.name : phrase.meaning.kind
}

function voiceOf(stem: string, phrases: Phrases): Voice | undefined {
  const alone = phrases.get(stem)?.find(({ stems }) => stems.length === 1)?.meaning.kind
  return voiceKinds.find((voice) => voice === alone)
}

function addTerm(
  terms: Map<string, Term>,
  part: readonly MendedWord[],
  phrase: Phrase | undefined,
  known: Map<string, string>,
): void {
  const [word] = part
  if (word === undefined) return
  const concept = phrase && 'name' in phrase.meaning ? phrase.meaning.name : undefined
  const name = concept ?? word.stem
  if (concept === undefined && /^\d+$/.test(name)) return
  let certainty = 1
  for (const { certainty: own = 1 } of part) certainty = Math.min(certainty, own)
  if ((terms.get(name)?.certainty ?? 0) >= certainty) return
  terms.set(name, {
    word: part.length === 1 ? word.written : part.map(({ written }) => written).join(' '),
    certainty,
    elsewhere: phrase?.meaning.kind === 'elsewhere',
    unknown: concept === undefined && !known.has(name),
  })
}

function mend(word: Word, known: Map<string, string>, nearest: Nearest): MendedWord {
  const meant = nearest.find(word.written) ?? nearest.find(word.stem)
  const stem = meant === undefined ? undefined : known.get(meant)
  return stem === undefined ? word : { ...word, stem, certainty: mendedCertainty }
}

/** Cuts words into the longest phrases known, each told by its first word; what is none stands alone. */
function walk(
  words: readonly MendedWord[],
  phrases: Phrases,
  visit: (word: MendedWord, phrase: Phrase | undefined, start: number) => void,
): void {
  let start = 0
  for (let word = words[start]; word !== undefined; word = words[start]) {
    const phrase = phraseAt(words, start, phrases.get(word.stem))
    visit(word, phrase, start)
    start += phrase?.stems.length ?? 1
  }
}

const phraseAt = (words: readonly Word[], start: number, list: readonly Phrase[] = []): Phrase | undefined =>
  list.find(({ stems }) => stems.every((stem, offset) => words[start + offset]?.stem === stem))
