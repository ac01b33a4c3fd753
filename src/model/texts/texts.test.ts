import { expect, test } from 'vitest'
import { detectLanguage, languages } from '../language.ts'
import { ago, duration } from './duration.ts'
import { en } from './en.ts'
import { counted } from './plural.ts'
import { missingTexts, textsOf } from './texts.ts'

test('no language lacks a text', () => {
  expect(missingTexts()).toEqual([])
})

test('a missing, empty or differently shaped text is named', () => {
  const { welcome: _, ...rest } = en
  expect(missingTexts({ en, ru: { ...rest, apology: ' ', status: 'up' } })).toEqual([
    'ru.welcome',
    'ru.status',
    'ru.apology',
  ])
})

test.each(languages)('the texts of %s are in that language', (language) => {
  const texts = textsOf(language)
  for (const text of [texts.apology, texts.noModel, texts.notePassedOn, texts.mediaUnreadable('voice')])
    expect(detectLanguage(text)).toBe(language)
})

test('an unknown kind of media has a general word, even one named like a method of objects', () => {
  expect(en.mediaUnreadable('hologram')).toContain('this kind of message')
  expect(en.mediaUnreadable('constructor')).toContain('this kind of message')
  expect(en.mediaUnreadable('voice')).toContain('voice messages')
})

test.each([
  [0, '0 писем'],
  [1, '1 письмо'],
  [2, '2 письма'],
  [5, '5 писем'],
  [11, '11 писем'],
  [21, '21 письмо'],
  [112, '112 писем'],
  [1.5, '1.5 письма'],
])('%d takes its Russian plural', (count, text) => {
  expect(counted('ru', count, { one: 'письмо', few: 'письма', many: 'писем', other: 'письма' })).toBe(text)
})

test.each([
  [0, '0 seconds', '0 секунд'],
  [61_000, '1 minute 1 second', '1 минута 1 секунда'],
  [3_600_000, '1 hour', '1 час'],
  [3_602_000, '1 hour', '1 час'],
  [2 * 86_400_000 + 5 * 3_600_000 + 60_000, '2 days 5 hours', '2 дня 5 часов'],
  [-5, '0 seconds', '0 секунд'],
])('%d ms as a duration', (ms, english, russian) => {
  expect(duration('en', ms)).toBe(english)
  expect(duration('ru', ms)).toBe(russian)
})

test('how long ago', () => {
  expect(ago('en', 0)).toBe('now')
  expect(ago('en', 300_000)).toBe('5 minutes ago')
  expect(ago('ru', 300_000)).toBe('5 минут назад')
})

test('staff see the backlog in full sentences', () => {
  const facts = { unanswered: 2, unsent: 5, failed: 1, oldestMs: 61_000, requests: 3 }
  expect(textsOf('ru').backlog(facts)).toContain('2 сообщения')
  expect(textsOf('ru').backlog(facts)).toContain('5 ответов')
  expect(textsOf('en').backlog({ ...facts, oldestMs: undefined })).not.toContain('Oldest')
  expect(textsOf('en').backlog(facts)).toContain('Given up: 1 reply (`parley outbox`)')
  expect(textsOf('ru').backlog({ ...facts, failed: 0 })).not.toContain('parley')
})
