import { expect, test } from 'vitest'
import { wrap } from './terminal.ts'

test('lines are broken between words, and go on with their indent', () => {
  expect(wrap('  - one two three four five six\nseven', 24)).toEqual([
    '  - one two three four',
    '  five six',
    'seven',
  ])
})

test('a word wider than the terminal has a line of its own; colours take no room', () => {
  expect(wrap(`see ${'x'.repeat(30)} there`, 21)).toEqual(['see', 'x'.repeat(30), 'there'])
  expect(wrap('\u001b[2mtwenty-one columns ok\u001b[22m', 21)).toHaveLength(1)
})

test('without a terminal, or with a sliver of one, a line stays whole', () => {
  expect(wrap('one two three four five six', Number.POSITIVE_INFINITY)).toHaveLength(1)
  expect(wrap('one two three four five six', 5)).toHaveLength(1)
})
