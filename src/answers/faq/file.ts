import { z } from 'zod'
import type { Language } from '../../model/language.ts'

const text = (most: number) => {
  const expected = `text of 1 to ${most} characters`
  return z.string(expected).trim().min(1, expected).max(most, expected)
}

const phrasing = text(300)

/** Questions as a list, or as a text with one in each line, which needs no quotes and is read ten times faster. */
const questions = (most: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? linesOf(value) : value),
    z
      .array(phrasing, 'a list of questions, or a text with one in each line')
      .max(most, `at most ${most} questions`)
      .default([]),
  )

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** What the bot says and how people ask for it, in one language. */
const localized = z.strictObject({
  title: text(40),
  question: phrasing,
  variants: questions(200),
  answer: text(8000),
})

/** Buttons carry `faq:<id>`, and a platform gives them 64 bytes. */
const entryId = z
  .string('an id such as opening-hours')
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, '1 to 60 of a-z 0-9 -')

const entry = z.strictObject({
  id: entryId,
  category: text(60),
  related: z.array(entryId, 'a list of ids').max(6, 'at most 6 ids').default([]),
  en: localized.optional(),
  ru: localized.optional(),
})

const wordText = 'a word or a few, of at most 100 characters'
const words = z
  .array(
    z
      .union([z.string(), z.number()], wordText)
      .transform((word) => String(word).trim())
      .refine((word) => word.length >= 1 && word.length <= 100, wordText),
    'a list of words',
  )
  .max(500, 'at most 500 words')

/** The shape of a FAQ file. */
export const faqSchema = z.strictObject({
  entries: z.array(entry, 'a list of entries').min(1, 'at least one entry').max(2000, 'at most 2000 entries'),
  names: words.default([]),
  concepts: z.record(z.string(), words, 'names, each with its list of words').default({}),
  not_answered: z.strictObject({ en: questions(2000), ru: questions(2000) }).prefault({}),
})

export type FaqText = z.output<typeof localized>
export type FaqEntry = z.output<typeof entry>
export type FaqFile = z.output<typeof faqSchema>

/** Something the shape alone does not tell; `path` leads to it in the file. */
export interface FaqFault {
  path: PropertyKey[]
  found: string
  expected: string
}

/** An id used twice, an entry without one of `languages`, a button that leads nowhere. */
export function faqFaults({ entries }: FaqFile, languages: readonly Language[]): FaqFault[] {
  const ids = new Set(entries.map(({ id }) => id))
  return entries.flatMap(({ id, related, ...texts }, index) => {
    const at = (...path: PropertyKey[]): PropertyKey[] => ['entries', index, ...path]
    const faults: FaqFault[] = []
    if (entries.findIndex((other) => other.id === id) < index)
      faults.push({ path: at('id'), found: `"${id}" again`, expected: 'an id of its own' })
    for (const language of languages)
      if (!texts[language])
        faults.push({ path: at(language), found: 'nothing', expected: 'texts in this language of the bot' })
    for (const [place, target] of related.entries()) {
      const expected = 'the id of another entry'
      if (!ids.has(target) || target === id)
        faults.push({ path: at('related', place), found: `"${target}"`, expected })
    }
    return faults
  })
}
