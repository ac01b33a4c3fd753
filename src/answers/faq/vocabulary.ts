import { itemsOf, type Lexicon } from './lexicon/lexicon.ts'
import { createNearest, type Nearest } from './nearest.ts'
import { type Word, wordsOf } from './words.ts'

/** What a text says: terms are concepts (`@price`) or the stems of other words that carry a topic. */
export interface Reading {
  terms: Map<string, Term>
  /** The person speaks to whoever runs the bot ("your", "вы"). */
  addressed: boolean
  /** Stems of all words but fillers, in order. */
  stems: string[]
  /** Stems of all words in order: equal for two texts that are the same question. */
  key: string
}

export interface Term {
  /** As written. */
  word: string
  /** 1, or less when a slip of the pen was mended. */
  certainty: number
  /** Neither the lexicon nor the questions of the file know the word. */
  unknown: boolean
}

/** Turns texts into terms. */
export interface Vocabulary {
  read(text: string): Reading
}

type Meaning = { kind: 'filler' | 'light' | 'address' } | { kind: 'concept'; name: string }

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
  /** All questions of the file: their words are known, too. */
  texts: readonly string[]
}

const mendedCertainty = 0.85

export function createVocabulary({ lexicons, elsewhere, concepts, names, texts }: VocabularyNeeds): Vocabulary {
  const fillers: Phrases = new Map()
  const phrases: Phrases = new Map()
  const known = new Set<string>()
  const add = (into: Phrases, items: readonly string[], meaning: Meaning): void => {
    for (const item of items) addPhrase(into, item, meaning, known)
  }
  for (const [name, items] of Object.entries(concepts)) add(phrases, items, { kind: 'concept', name })
  add(phrases, names, { kind: 'address' })
  for (const lexicon of lexicons) {
    add(fillers, itemsOf(lexicon.fillers), { kind: 'filler' })
    add(phrases, itemsOf(lexicon.address), { kind: 'address' })
    add(phrases, itemsOf(lexicon.light), { kind: 'light' })
    for (const [name, list] of Object.entries(lexicon.concepts))
      add(phrases, itemsOf(list), { kind: 'concept', name })
  }
  for (const subjects of elsewhere)
    for (const [name, list] of Object.entries(subjects))
      add(phrases, itemsOf(list), { kind: 'concept', name })
  for (const text of texts) for (const { stem } of wordsOf(text)) known.add(stem)
  const nearest = createNearest(known)
  return { read: (text) => read(wordsOf(text), { fillers, phrases, known, nearest }) }
}

/** The first meaning of a phrase stays; the longest phrase is tried first. */
function addPhrase(into: Phrases, item: string, meaning: Meaning, known: Set<string>): void {
  const stems = wordsOf(item).map(({ stem }) => stem)
  const first = stems[0]
  if (first === undefined) return
  for (const stem of stems) known.add(stem)
  const list = into.get(first) ?? []
  if (list.some((phrase) => sameStems(phrase.stems, stems))) return
  list.push({ stems, meaning })
  list.sort((one, other) => other.stems.length - one.stems.length)
  into.set(first, list)
}

const sameStems = (one: string[], other: string[]): boolean => one.join(' ') === other.join(' ')

interface Tables {
  fillers: Phrases
  phrases: Phrases
  known: Set<string>
  nearest: Nearest
}

interface MendedWord extends Word {
  certainty: number
}

function read(words: Word[], { fillers, phrases, known, nearest }: Tables): Reading {
  const mended = words.map((word) => mend(word, known, nearest))
  const said = walk(mended, fillers).filter(({ phrase }) => phrase === undefined)
  const core = said.map(({ words: [word] }) => word).filter((word) => word !== undefined)
  const terms = new Map<string, Term>()
  let addressed = false
  for (const { words: part, phrase } of walk(core, phrases)) {
    if (phrase?.meaning.kind === 'address') addressed = true
    else if (phrase?.meaning.kind !== 'light') addTerm(terms, part, phrase, known)
  }
  return { terms, addressed, stems: core.map(({ stem }) => stem), key: mended.map(({ stem }) => stem).join(' ') }
}

function addTerm(terms: Map<string, Term>, part: MendedWord[], phrase: Phrase | undefined, known: Set<string>): void {
  const concept = phrase?.meaning.kind === 'concept' ? phrase.meaning.name : undefined
  const name = concept === undefined ? part.map(({ stem }) => stem).join(' ') : `@${concept}`
  if (concept === undefined && /^\d+$/.test(name)) return
  const certainty = Math.min(...part.map((word) => word.certainty))
  if ((terms.get(name)?.certainty ?? 0) >= certainty) return
  terms.set(name, {
    word: part.map(({ written }) => written).join(' '),
    certainty,
    unknown: concept === undefined && !known.has(name),
  })
}

function mend(word: Word, known: Set<string>, nearest: Nearest): MendedWord {
  if (known.has(word.stem) || /\d/.test(word.stem)) return { ...word, certainty: 1 }
  const meant = nearest.find(word.stem)
  return meant === undefined
    ? { ...word, certainty: 1 }
    : { ...word, stem: meant, certainty: mendedCertainty }
}

/** Cuts words into the longest phrases known; what is none stands alone. */
function walk(words: MendedWord[], phrases: Phrases): { words: MendedWord[]; phrase?: Phrase }[] {
  const parts: { words: MendedWord[]; phrase?: Phrase }[] = []
  let start = 0
  for (let word = words[start]; word !== undefined; word = words[start]) {
    const phrase = phrases
      .get(word.stem)
      ?.find(({ stems }) => stems.every((stem, offset) => words[start + offset]?.stem === stem))
    const length = phrase?.stems.length ?? 1
    parts.push({ words: words.slice(start, start + length), ...(phrase && { phrase }) })
    start += length
  }
  return parts
}
