/** A language the system texts exist in (ISO 639-1). */
export type Language = 'en' | 'ru'

export const languages: readonly Language[] = ['en', 'ru']

const cyrillic = /\p{Script=Cyrillic}/gu
const latin = /\p{Script=Latin}/gu

/**
 * The language a text is written in, by its script, or `undefined` when the text does not tell
 * (numbers, emoji, a lone link). A mixed text counts as Russian from a third of Cyrillic letters on:
 * Russian speakers write product names in Latin letters.
 */
export function detectLanguage(text: string): Language | undefined {
  const ru = text.match(cyrillic)?.length ?? 0
  const en = text.match(latin)?.length ?? 0
  if (ru + en === 0) return undefined
  return ru * 2 >= en ? 'ru' : 'en'
}

/** The supported language behind a platform's language tag (`ru-RU`, `en`), or `undefined`. */
export function languageOfTag(tag: string | undefined): Language | undefined {
  const short = tag?.slice(0, 2).toLowerCase()
  return languages.find((language) => language === short)
}
