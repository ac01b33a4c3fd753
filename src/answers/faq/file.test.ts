import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseFaq, readFaqFile } from './file.ts'

const text = {
  title: 'Hours',
  question: 'When are you open?',
  variants: ['opening hours'],
  answer: 'From nine to five.',
}
const entry = { id: 'hours', category: 'general', en: text, ru: { ...text, question: 'Когда вы открыты?' } }

const problemsOf = (data: unknown): string => {
  try {
    parseFaq(typeof data === 'string' ? data : stringify(data), ['en', 'ru'], 'faq.yaml')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return ''
}

describe('a FAQ file', () => {
  test('is read with defaults for what may be left out', () => {
    const file = parseFaq(stringify({ entries: [entry] }), ['en', 'ru'], 'faq.yaml')
    expect(file.entries[0]?.related).toEqual([])
    expect(file.not_answered).toEqual({ en: [], ru: [] })
  })

  test('may hold questions as lines of a text', () => {
    const lines = 'opening hours\n\n  are you open: today?  \n'
    const asked = { ...entry, en: { ...text, variants: lines } }
    const file = parseFaq(
      stringify({ entries: [asked], not_answered: { en: lines } }),
      ['en', 'ru'],
      'faq.yaml',
    )
    expect(file.entries[0]?.en?.variants).toEqual(['opening hours', 'are you open: today?'])
    expect(file.not_answered.en).toEqual(['opening hours', 'are you open: today?'])
  })

  test('names every problem at once, with entry and field', () => {
    const message = problemsOf({
      entries: [
        { ...entry, ru: { ...text, answer: ' ' } },
        { ...entry, id: 'Not An Id' },
        { ...entry, id: 'extra', colour: 'red' },
      ],
    })
    expect(message).toMatch(/^faq\.yaml: entry "hours": ru\.answer: /m)
    expect(message).toMatch(/^faq\.yaml: entry "Not An Id": id: expected a-z/m)
    expect(message).toMatch(/^faq\.yaml: entry "extra": .*colour/m)
  })

  test('refuses an id used twice, a language left out and a button that leads nowhere', () => {
    const { ru: _, ...english } = entry
    const message = problemsOf({ entries: [entry, { ...english, related: ['nowhere'] }] })
    expect(message).toContain('entry "hours": id: used twice')
    expect(message).toContain('entry "hours": ru: missing')
    expect(message).toContain('entry "hours": related: there is no entry "nowhere"')
  })

  test.each([
    ['', 'faq.yaml: '],
    ['entries: []', 'faq.yaml: entries: '],
    ['entries: 7', 'faq.yaml: entries: '],
    ['entries: [7]', 'faq.yaml: entry number 1: '],
    ['entries: [', 'faq.yaml: not valid YAML'],
    ['a: &a [*a, *a]', 'faq.yaml: '],
  ])('says what is wrong with %j', (data, expected) => {
    expect(problemsOf(data)).toContain(expected)
  })

  test('that is not there is named with its path', () => {
    expect(() => readFaqFile('/nowhere/faq.yaml', ['en'])).toThrow(
      '/nowhere/faq.yaml: the FAQ file cannot be read',
    )
  })
})
