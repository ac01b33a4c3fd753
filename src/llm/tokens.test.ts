import { describe, expect, test } from 'vitest'
import { estimateTokens } from './llm.ts'

/** Counted with OpenAI's o200k and cl100k encodings; the higher of the two. */
const counted: [text: string, tokens: number][] = [
  ['', 0],
  ['We help companies build reliable infrastructure. A typical project takes six weeks to six months.', 17],
  ['Обычно проект занимает от шести недель до шести месяцев. Сколько стоит разработка сайта?', 37],
  ['привет, скок стоит сайт?? нужен норм разраб на реакт + node, бюджет 20к', 36],
  ['+7 (912) 345-67-89, 4111 1111 1111 1111, 2026-11-20T20:05:24Z, 3.14159265358979', 48],
  ['我们帮助企业构建可靠的基础设施。一个典型的项目需要六周到六个月的时间。', 38],
]

describe('estimateTokens', () => {
  test.each(counted)('%j is not estimated below its %i tokens by more than a tenth', (text, tokens) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(Math.floor(tokens * 0.9))
    expect(estimateTokens(text)).toBeLessThanOrEqual(Math.ceil(tokens * 2.2))
  })

  test('adds up: a whole costs no more than its parts, and at most a token less for each', () => {
    const parts = ['Hello, ', 'мир', ' 😀', ' 12345']
    const sum = parts.reduce((total, part) => total + estimateTokens(part), 0)
    expect(estimateTokens(parts.join(''))).toBeLessThanOrEqual(sum)
    expect(estimateTokens(parts.join(''))).toBeGreaterThan(sum - parts.length)
  })

  test('survives a lone surrogate', () => {
    expect(estimateTokens('\ud83d')).toBe(2)
  })
})
