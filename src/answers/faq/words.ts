import { stemEnglish } from './stem-english.ts'
import { stemRussian } from './stem-russian.ts'

/** A word of a text: as written (lower case, ё as е) and its stem. */
export interface Word {
  readonly written: string
  readonly stem: string
}

const spellings: readonly [pattern: RegExp, plain: string][] = [
  [/[\u2018\u2019\u02bc`]/g, "'"],
  [/\bc\+\+/g, 'cpp'],
  [/\bc#/g, 'csharp'],
  [/(?<![a-z0-9])\.net\b/g, 'dotnet'],
  [/\b(?:can't|cannot)\b/g, 'can not'],
  [/\bwon't\b/g, 'will not'],
  [/n't\b/g, ' not'],
  [/\b(what|who|how|where|when|that|there|it|he|she|here)'s\b/g, '$1 is'],
  [/'re\b/g, ' are'],
  [/'ve\b/g, ' have'],
  [/'ll\b/g, ' will'],
  [/'m\b/g, ' am'],
  [/'d\b/g, ' would'],
  [/\blet's\b/g, 'let us'],
  [/'s\b/g, ''],
  [/'/g, ''],
  [/(\d)[\s\u00a0.,](?=\d{3}(?!\d))/g, '$1'],
  [/(\d)(?=\p{L})|(\p{L})(?=\d)/gu, '$1$2 '],
]

/** The longest text that is looked at, in characters: a question is shorter, and time stays bounded. */
export const longestText = 2000

/** The words of a text in order; punctuation goes, numbers stay, contractions are spelled out. */
export function wordsOf(text: string): Word[] {
  const lower = text.slice(0, longestText).toLowerCase()
  const plain = (everyday.test(lower) ? lower : spelledOut(lower)).replaceAll('ё', 'е')
  return (plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).map(wordOf)
}

/** Letters and commas alone: there is nothing to spell out, as in most texts. */
const everyday = /^[a-zа-яё\s,?!:;()–—-]*$/

const spelledOut = (text: string): string =>
  spellings.reduce(
    (plain, [pattern, replacement]) => plain.replace(pattern, replacement),
    text.normalize('NFKC').toLowerCase(),
  )

/** Words met before, since a file repeats its words; no more are kept, so that nobody can fill the memory. */
const met = new Map<string, Word>()
const mostMet = 20_000

function wordOf(written: string): Word {
  const known = met.get(written)
  if (known) return known
  const word = { written, stem: stemOf(written) }
  if (met.size < mostMet && written.length <= longestMet) met.set(written, word)
  return word
}

/** Longer words are rare, and many of them would be a lot to keep. */
const longestMet = 24

/** The stem of a lower-case word; the script tells the language. */
export function stemOf(word: string): string {
  if (/^\d+$/.test(word)) return sumOf(word)
  return /\p{Script=Cyrillic}/u.test(word) ? stemRussian(word) : stemEnglish(word)
}

/** All large numbers but years are the same word: a sum of money, whichever it is. */
const sumOf = (digits: string): string =>
  digits.length > 3 && !/^(?:19|20)\d\d$/.test(digits) ? largeSum : digits

const largeSum = '10000'
