import { en, type Texts } from './en.ts'
import { ru } from './ru.ts'

export type { Texts } from './en.ts'

const catalogues: Record<string, Texts> = { en, ru }

/** The first of the person's languages the interface has (BCP 47 tags, by preference); English otherwise. */
export function languageFor(preferred: readonly string[]): string {
  return preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find((short) => short in catalogues) ?? 'en'
}

export const textsFor = (language: string): Texts => catalogues[language] ?? en

/** The words for an error code of the server. */
export function errorText(texts: Texts, code: string): string {
  const known: Record<string, string> = texts.errors
  return Object.hasOwn(known, code) ? (known[code] ?? texts.errors.other) : texts.errors.other
}
