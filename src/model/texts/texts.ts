import { type Language, languages } from '../language.ts'
import { en } from './en.ts'
import { ru } from './ru.ts'
import type { Texts } from './shape.ts'

export type { Texts } from './shape.ts'

const catalogues: Record<Language, Texts> = { en, ru }

/** The system texts of a language. */
export const textsOf = (language: Language): Texts => catalogues[language]

/**
 * The keys a language lacks, or has empty or with other variables than English, as `ru.key`. The types rule this
 * out for what is compiled; data that reaches the catalogues another way is not.
 */
export function missingTexts(all: Partial<Record<string, object>> = catalogues): string[] {
  const standard = Object.entries<unknown>({ ...en })
  return languages.flatMap((language) => {
    const texts = new Map<string, unknown>(Object.entries(all[language] ?? {}))
    return standard
      .filter(([key, wanted]) => !alike(texts.get(key), wanted))
      .map(([key]) => `${language}.${key}`)
  })
}

function alike(text: unknown, wanted: unknown): boolean {
  if (typeof text === 'function') return typeof wanted === 'function' && text.length === wanted.length
  return typeof text === typeof wanted && String(text).trim() !== ''
}
