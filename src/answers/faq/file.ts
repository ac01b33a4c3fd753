import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { ParleyError } from '../../model/errors.ts'
import type { Language } from '../../model/language.ts'

const phrasing = z.string().trim().min(1).max(300)

/** Questions as a list, or as a text with one in each line, which needs no quotes and is read ten times faster. */
const questions = (most: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? linesOf(value) : value),
    z.array(phrasing).max(most).default([]),
  )

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** What the bot says and how people ask for it, in one language. */
const localized = z.strictObject({
  title: z.string().trim().min(1).max(40),
  question: phrasing,
  variants: questions(200),
  answer: z.string().trim().min(1).max(8000),
})

/** Buttons carry `faq:<id>`, and a platform gives them 64 bytes. */
const entryId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'expected a-z, 0-9 and "-", at most 60')

const entry = z.strictObject({
  id: entryId,
  category: z.string().trim().min(1).max(60),
  related: z.array(entryId).max(6).default([]),
  en: localized.optional(),
  ru: localized.optional(),
})

const words = z.array(z.coerce.string().trim().min(1).max(100)).max(500)

const faqFile = z.strictObject({
  entries: z.array(entry).min(1).max(2000),
  names: words.default([]),
  concepts: z.record(z.string(), words).default({}),
  not_answered: z.strictObject({ en: questions(2000), ru: questions(2000) }).prefault({}),
})

export type FaqText = z.output<typeof localized>
export type FaqEntry = z.output<typeof entry>
export type FaqFile = z.output<typeof faqFile>

/**
 * Reads a FAQ file. Throws CONFIG_INVALID with every problem at once, each naming its entry and field:
 * unknown or empty fields, an id used twice, an entry without one of `languages`, a button that leads nowhere.
 */
export function readFaqFile(path: string, languages: readonly Language[]): FaqFile {
  return parseFaq(readText(path), languages, basename(path))
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ParleyError(
      'CONFIG_INVALID',
      `${path}: the FAQ file cannot be read. Check the path in bot.faq.`,
      { cause },
    )
  }
}

/** As `readFaqFile`, from the text of the file; `name` is what the errors call it. */
export function parseFaq(text: string, languages: readonly Language[], name: string): FaqFile {
  const data = parseYaml(text, name)
  const checked = faqFile.safeParse(data)
  const problems = checked.success
    ? crossProblems(checked.data, languages)
    : checked.error.issues.map((issue) => `${placeOf(issue.path, data)}${issue.message}`)
  if (checked.success && problems.length === 0) return checked.data
  throw new ParleyError('CONFIG_INVALID', problems.map((problem) => `${name}: ${problem}`).join('\n'))
}

function parseYaml(text: string, name: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new ParleyError('CONFIG_INVALID', `${name}: not valid YAML. ${message}`, { cause })
  }
}

function crossProblems({ entries }: FaqFile, languages: readonly Language[]): string[] {
  const problems: string[] = []
  const ids = new Set<string>()
  for (const { id } of entries) {
    if (ids.has(id)) problems.push(`entry "${id}": id: used twice, each entry needs its own`)
    ids.add(id)
  }
  for (const item of entries) {
    for (const language of languages)
      if (!item[language])
        problems.push(`entry "${item.id}": ${language}: missing, the bot speaks this language`)
    for (const target of item.related)
      if (!ids.has(target)) problems.push(`entry "${item.id}": related: there is no entry "${target}"`)
      else if (target === item.id) problems.push(`entry "${item.id}": related: leads to itself`)
  }
  return problems
}

/** `entry "pricing-rate": ru.answer: `: entries are named by id where they have one. */
function placeOf(path: PropertyKey[], data: unknown): string {
  const [first, position, ...rest] = path
  if (first !== 'entries' || typeof position !== 'number') return path.length > 0 ? `${path.join('.')}: ` : ''
  const field = rest.length > 0 ? `${rest.join('.')}: ` : ''
  return `entry ${idAt(data, position) ?? `number ${position + 1}`}: ${field}`
}

function idAt(data: unknown, position: number): string | undefined {
  const found = z.object({ entries: z.array(z.unknown()) }).safeParse(data)
  const named = z.object({ id: z.string().max(60) }).safeParse(found.data?.entries[position])
  return named.success ? `"${named.data.id}"` : undefined
}
