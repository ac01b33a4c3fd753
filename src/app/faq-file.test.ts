import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { formatProblem } from '../config/problem.ts'
import { createFaqReader } from './faq-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-faq-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'faq.yaml')

const text = {
  title: 'Hours',
  question: 'When are you open?',
  variants: ['opening hours'],
  answer: 'From nine to five.',
}
const entry = { id: 'hours', category: 'general', en: text, ru: { ...text, question: 'Когда вы открыты?' } }

const write = (data: unknown) => writeFileSync(path, typeof data === 'string' ? data : stringify(data))

function read(data: unknown) {
  write(data)
  return createFaqReader().read(path, ['en', 'ru'])
}

function problemsOf(data: unknown): string[] {
  write(data)
  return createFaqReader().problems(path, ['en', 'ru']).map(formatProblem)
}

describe('a FAQ file', () => {
  test('is read with defaults for what may be left out', () => {
    const file = read({ entries: [entry] })
    expect(file.entries[0]?.related).toEqual([])
    expect(file.not_answered).toEqual({ en: [], ru: [] })
  })

  test('may hold questions as lines of a text, and numbers as words', () => {
    const lines = 'opening hours\n\n  are you open: today?  \n'
    const asked = { ...entry, en: { ...text, variants: lines } }
    const file = read({
      entries: [asked],
      not_answered: { en: lines },
      names: [365],
      concepts: { 24: ['day'] },
    })
    expect(file.entries[0]?.en?.variants).toEqual(['opening hours', 'are you open: today?'])
    expect(file.not_answered.en).toEqual(['opening hours', 'are you open: today?'])
    expect(file.names).toEqual(['365'])
  })

  test('names every problem at once, with entry, field and line', () => {
    const problems = problemsOf({
      entries: [
        { ...entry, ru: { ...text, answer: ' ' } },
        { ...entry, id: 'Not An Id' },
        { ...entry, id: 'extra', catgory: 'red' },
      ],
    })
    expect(problems).toEqual([
      'entry "hours", ru.answer (faq.yaml line 14): found ""; expected text of 1 to 8000 characters',
      'entry "Not An Id", id (faq.yaml line 15): found "Not An Id"; expected 1 to 60 of a-z 0-9 -',
      'entry "extra", catgory (faq.yaml line 27): found an unknown setting; expected a known setting; did you mean "category"?',
    ])
  })

  test('refuses an id used twice, a language left out and a button that leads nowhere', () => {
    const { ru: _, ...english } = entry
    expect(problemsOf({ entries: [entry, { ...english, related: ['nowhere'] }] })).toEqual([
      expect.stringMatching(/^entry "hours", id \(faq\.yaml line 15\): found "hours" again; /),
      expect.stringMatching(
        /^entry "hours", ru \(faq\.yaml line 15\): found nothing; .*language of the bot$/,
      ),
      expect.stringMatching(/^entry "hours", related\[0\] \(faq\.yaml line 19\): found "nowhere"; /),
    ])
  })

  test.each([
    ['', /^entries \(faq\.yaml line 1\): found nothing; expected entries with id, category/],
    ['entris: []', /did you mean "entries"/],
    ['entries: []', /^entries \(faq\.yaml line 1\): found \[\]; expected at least one entry$/],
    ['entries: 7', /^entries .*found 7; expected entries with id, category, related, en, ru$/],
    ['entries: [7]', /^entry number 1 .*found 7; expected .*id, category/],
    ['\nentries: [', /^faq\.yaml line 2: .*expected valid YAML$/],
    ['- a', /expected settings such as "entries:" at the start of a line$/],
    ['a: &a [*a, *a]', /^faq\.yaml/],
  ])('says what is wrong with %j', (data, expected) => {
    expect(problemsOf(data).join('\n')).toMatch(new RegExp(expected, 'm'))
  })

  test('that is not there is named with its path', () => {
    expect(() => createFaqReader().read('/nowhere/faq.yaml', ['en'])).toThrow(
      '/nowhere/faq.yaml: found no file; expected a file this process may read',
    )
  })

  test('is used as it was checked, unless it has changed', () => {
    write({ entries: [entry] })
    const reader = createFaqReader()
    expect(reader.problems(path, ['en'])).toEqual([])
    const first = reader.read(path, ['en'])
    expect(first.entries).toHaveLength(1)
    reader.problems(path, ['en'])
    write({ entries: [entry, { ...entry, id: 'other' }] })
    expect(reader.read(path, ['en']).entries).toHaveLength(2)
    reader.problems(path, [])
    write({ entries: [{ ...entry, en: undefined }] })
    expect(() => reader.read(path, ['en'])).toThrow(/line 2\): found nothing/)
  })
})
