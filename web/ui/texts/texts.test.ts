import { expect, test } from 'vitest'
import { en } from './en.ts'
import { ru } from './ru.ts'
import { errorText, languageFor, textsFor } from './texts.ts'

test('the first language the interface has is taken', () => {
  expect(languageFor(['de-DE', 'ru-RU', 'en'])).toBe('ru')
  expect(languageFor(['fr'])).toBe('en')
  expect(textsFor('ru')).toBe(ru)
  expect(textsFor('__proto__')).toBeDefined()
})

test('Russian nouns follow their count', () => {
  expect([1, 3, 5, 11, 21].map(ru.charactersLeft)).toEqual([
    'Осталось: 1 знак',
    'Осталось: 3 знака',
    'Осталось: 5 знаков',
    'Осталось: 11 знаков',
    'Осталось: 21 знак',
  ])
})

test('an unknown error gets the general words', () => {
  expect(errorText(en, 'OVERLOADED')).toBe(en.errors.OVERLOADED)
  expect(errorText(en, 'toString')).toBe(en.errors.other)
})
