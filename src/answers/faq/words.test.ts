import { describe, expect, test } from 'vitest'
import { createNearest, slipsBetween } from './nearest.ts'
import { stemOf, wordsOf } from './words.ts'

const written = (text: string) => wordsOf(text).map((word) => word.written)

describe('words of a text', () => {
  test.each([
    ['What’s your rate?', ['what', 'is', 'your', 'rate']],
    ["We can't, we don't", ['we', 'can', 'not', 'we', 'do', 'not']],
    ['C#, C++ and .NET', ['csharp', 'cpp', 'and', 'dotnet']],
    ['CI/CD 24/7', ['ci', 'cd', '24', '7']],
    ['5,000 USD, 10k', ['5000', 'usd', '10', 'k']],
    ['Ещё НЕ всё', ['еще', 'не', 'все']],
    ['🙂 …', []],
  ])('%s', (text, expected) => expect(written(text)).toEqual(expected))

  test('stop at two thousand characters', () => {
    expect(wordsOf('word '.repeat(100_000)).length).toBeLessThanOrEqual(400)
  })
})

test.each([
  ['price', 'prices'],
  ['integrate', 'integration'],
  ['develop', 'development'],
  ['company', 'companies'],
  ['migrate', 'migrating'],
  ['businesses', 'business'],
  ['8000', '60000'],
  ['цена', 'ценами'],
  ['компания', 'компаниями'],
  ['облако', 'облака'],
  ['поддерживать', 'поддерживаете'],
  ['разработчик', 'разработчиков'],
])('%s and %s share a stem', (one, other) => expect(stemOf(one)).toBe(stemOf(other)))

test.each([
  ['customer', 'custom'],
  ['process', 'processor'],
  ['час', 'часто'],
  ['busy', 'business'],
  ['use', 'us'],
  ['used', 'us'],
  ['2019', '8000'],
  ['почем', 'почему'],
])('%s and %s do not', (one, other) => expect(stemOf(one)).not.toBe(stemOf(other)))

describe('slips of the pen', () => {
  test.each([
    ['estimate', 'estimate', 0],
    ['estimate', 'estimte', 1],
    ['estimate', 'estiamte', 1],
    ['estimate', 'astimatte', 2],
    ['estimate', 'something', 3],
  ])('%s, %s: %i', (one, other, slips) => expect(slipsBetween(one, other, 2)).toBe(slips))

  const nearest = createNearest(['price', 'migration', 'агентство', 'час'])
  test.each([
    ['prise', 'price'],
    ['migratoin', 'migration'],
    ['migartoin', 'migration'],
    ['prce', 'price'],
    ['агенство', 'агентство'],
    ['ча', undefined],
    ['rice', undefined],
  ])('%s was meant to be %s', (word, meant) => expect(nearest.find(word)).toBe(meant))

  test('are not looked for in five thousand letters', () => {
    expect(nearest.find('x'.repeat(5000))).toBeUndefined()
  })
})
