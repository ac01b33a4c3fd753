/** A language the system texts exist in (ISO 639-1). */
export type Language = 'en' | 'ru'

export const languages: readonly Language[] = ['en', 'ru']

/** A text of the installation's own, in the languages it was written in. */
export type Localized = Partial<Record<Language, string>>

/** The text in `language`, else in the tenant's default, else in whichever there is; empty when there is none. */
export function localize(text: Localized, language: Language, standard: Language): string {
  return text[language] ?? text[standard] ?? languages.map((other) => text[other]).find(Boolean) ?? ''
}

/** Enough to tell; a pasted book is not read to the end. */
const lengthRead = 2000
const cyrillic = /\p{Script=Cyrillic}/gu
const latin = /\p{Script=Latin}/gu
/** Written alike in every language: links, e-mail addresses, commands, mentions, button actions. */
const wordless = /\bhttps?:\/\/\S+|\bwww\.\S+|[^\s@]{1,64}@\S+|(?<!\S)[/@#]\S+|(?<!\S)[a-z]+:\S+/gu

/**
 * The language a text is written in, by its script, or `undefined` when the text does not tell
 * (numbers, emoji, a lone link, a command). A mixed text counts as Russian from a third of Cyrillic letters on:
 * Russian speakers write product names in Latin letters.
 */
export function detectLanguage(text: string): Language | undefined {
  const words = text.slice(0, lengthRead).replace(wordless, ' ')
  const ru = words.match(cyrillic)?.length ?? 0
  const en = words.match(latin)?.length ?? 0
  if (ru + en === 0) return undefined
  return ru * 2 >= en ? 'ru' : 'en'
}

/** The supported language behind a platform's language tag (`ru-RU`, `en`), or `undefined`. */
export function languageOfTag(tag: string | undefined): Language | undefined {
  const short = tag?.toLowerCase().split(/[-_]/, 1)[0]
  return languages.find((language) => language === short)
}
