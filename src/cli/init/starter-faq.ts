import { stringify } from 'yaml'
import type { Language } from '../../model/language.ts'

const head = `# Answers the bot gives without a model; save the file and they change.
# Each entry: an id (seen in the trace), a category, and per language a title, a question, other ways to ask
# (ten or more make the matching good) and the answer in Markdown.
`

const hours = {
  en: {
    title: 'Opening hours',
    question: 'When are you open?',
    variants: [
      'opening hours',
      'what are your hours',
      'when can I reach you',
      'are you open today',
      'working hours',
    ],
    answer: 'We are here Monday to Friday, 9:00 to 18:00. What can I do for you until then?',
  },
  ru: {
    title: 'Часы работы',
    question: 'Когда вы работаете?',
    variants: [
      'часы работы',
      'график работы',
      'когда вам можно позвонить',
      'вы сегодня открыты',
      'время работы',
    ],
    answer: 'Мы на связи с понедельника по пятницу, с 9:00 до 18:00. Чем помочь до этого времени?',
  },
} as const

/** A FAQ with one entry, to be replaced. */
export function renderStarterFaq(languages: readonly Language[]): string {
  const texts = Object.fromEntries(languages.map((language) => [language, hours[language]]))
  return (
    head +
    stringify({ entries: [{ id: 'general-hours', category: 'general', ...texts }] }, { lineWidth: 110 })
  )
}
