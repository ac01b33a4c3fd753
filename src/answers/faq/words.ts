import { stemEnglish } from './stem-english.ts'
import { stemRussian } from './stem-russian.ts'

/** A word of a text: as written (lower case, ё as е) and its stem. */
export interface Word {
  written: string
  stem: string
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

/** A text of letters and spaces has none of the spellings above. */
const plainText = /^[\p{L}\p{M}\s,?!:;()–—-]*$/u

/** The longest text that is looked at, in characters: a question is shorter, and time stays bounded. */
export const longestText = 2000

/** The words of a text in order; punctuation goes, numbers stay, contractions are spelled out. */
export function wordsOf(text: string): Word[] {
  const lower = text.slice(0, longestText).normalize('NFKC').toLowerCase().replaceAll('ё', 'е')
  return (spelledOut(lower).match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).map((written) => ({
    written,
    stem: stemOf(written),
  }))
}

function spelledOut(text: string): string {
  if (plainText.test(text)) return text
  return spellings.reduce((plain, [pattern, replacement]) => plain.replace(pattern, replacement), text)
}

/** Stems of words met before, since a file repeats its words; no more are kept, so that nobody can fill the memory. */
const stems = new Map<string, string>()
const mostStems = 20_000

/** The stem of a lower-case word; the script tells the language. */
export function stemOf(word: string): string {
  const known = stems.get(word)
  if (known !== undefined) return known
  const stem = /^\d+$/.test(word)
    ? sumOf(word)
    : /\p{Script=Cyrillic}/u.test(word)
      ? stemRussian(word)
      : stemEnglish(word)
  if (stems.size < mostStems) stems.set(word, stem)
  return stem
}

/** All large numbers but years are the same word: a sum of money, whichever it is. */
const sumOf = (digits: string): string =>
  digits.length > 3 && !/^(?:19|20)\d\d$/.test(digits) ? largeSum : digits

const largeSum = '10000'
