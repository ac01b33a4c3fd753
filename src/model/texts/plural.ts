import type { Language } from '../language.ts'

/** The forms a language needs, by CLDR category; `other` also stands for those left out. */
export type PluralForms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>

const rules: Record<Language, Intl.PluralRules> = {
  en: new Intl.PluralRules('en'),
  ru: new Intl.PluralRules('ru'),
}

/** `3 сообщения`: the number and the form of the word that belongs to it. */
export function counted(language: Language, count: number, forms: PluralForms): string {
  return `${count} ${forms[rules[language].select(count)] ?? forms.other}`
}
