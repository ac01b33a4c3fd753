import { stemEnglish } from './stem-english.ts'
import { stemRussian } from './stem-russian.ts'

/** A word of a text: as written (lower case, ё as е) and its stem. */
export interface Word {
  written: string
  stem: string
}

const spellings: readonly [pattern: RegExp, plain: string][] = [
  [/ё/g, 'е'],
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
  let plain = text.slice(0, longestText).normalize('NFKC').toLowerCase()
  for (const [pattern, replacement] of spellings) plain = plain.replace(pattern, replacement)
  return (plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).map((written) => ({ written, stem: stemOf(written) }))
}

/** The stem of a lower-case word; the script tells the language. */
export function stemOf(word: string): string {
  return /\p{Script=Cyrillic}/u.test(word) ? stemRussian(word) : stemEnglish(word)
}
