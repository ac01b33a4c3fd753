import { expect, test } from 'vitest'
import { parseExactly } from './json.ts'

test.each<[string, unknown]>([
  ['{"id":9007199254740993}', { id: '9007199254740993' }],
  ['{"id":-9007199254740993,"safe":9007199254740991}', { id: '-9007199254740993', safe: 9007199254740991 }],
  [
    '[1.00000000000000012,1e400,12345678901234567e-16]',
    [1.0000000000000002, Number.POSITIVE_INFINITY, 1.2345678901234567],
  ],
  [
    '{"text":"9007199254740993 \\" 9007199254740993","9007199254740993":[]}',
    { text: '9007199254740993 " 9007199254740993', '9007199254740993': [] },
  ],
])('%s', (text, value) => {
  expect(parseExactly(text)).toEqual(value)
})

test.each(['{9007199254740993:1}', '[09007199254740993]', '9007199254740993"', ''])(
  '%s is no JSON',
  (text) => {
    expect(() => parseExactly(text)).toThrow(SyntaxError)
  },
)

test('however deeply something is nested beside a long id', () => {
  const deep = `{"id":9007199254740993,"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  expect(parseExactly(deep)).toMatchObject({ id: '9007199254740993' })
})
