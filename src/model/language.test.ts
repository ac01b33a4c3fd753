import { describe, expect, test } from 'vitest'
import { detectLanguage, languageOfTag, localize } from './language.ts'

describe('detectLanguage', () => {
  test.each([
    ['How much does it cost?', 'en'],
    ['Сколько это стоит?', 'ru'],
    ['Вы делаете CI/CD на GitHub?', 'ru'],
    ['What does the word «привет» mean, and how would one answer it?', 'en'],
    ['/start deep_link', 'en'],
    ['/start', undefined],
    ['cmd:help', undefined],
    ['https://example.com/path', undefined],
    ['anna@example.com', undefined],
    ['посмотрите https://example.com/a/very/long/path/in/latin/letters', 'ru'],
    ['@parley_bot 42 👍', undefined],
    ['', undefined],
  ])('%j is %s', (text, language) => {
    expect(detectLanguage(text)).toBe(language)
  })

  test('reads only the beginning of ten megabytes', () => {
    expect(detectLanguage(`Привет ${'a@'.repeat(5_000_000)}`)).toBe('ru')
  })
})

test('a platform tag is reduced to a supported language', () => {
  expect(languageOfTag('ru-RU')).toBe('ru')
  expect(languageOfTag('EN_us')).toBe('en')
  expect(languageOfTag('run')).toBeUndefined()
  expect(languageOfTag(undefined)).toBeUndefined()
})

test('a localized text falls back to the default language, then to any', () => {
  expect(localize({ en: 'Hi', ru: 'Привет' }, 'ru', 'en')).toBe('Привет')
  expect(localize({ en: 'Hi' }, 'ru', 'en')).toBe('Hi')
  expect(localize({ ru: 'Привет' }, 'en', 'en')).toBe('Привет')
  expect(localize({}, 'en', 'en')).toBe('')
})
