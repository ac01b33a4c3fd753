import { expect, test } from 'vitest'
import { plainOf, settledOf } from './plain.ts'

test.each([
  [
    'Thank you. I keep lead\\@example\\.com for the team.',
    'Thank you. I keep lead@example.com for the team.',
  ],
  ['**Prices** are *usual* ranges: `npm start`', 'Prices are usual ranges: npm start'],
  ['- one\n- two\n\n## Three', '• one\n• two\n\nThree'],
  [
    'See [our work](https://example.com/work), or <https://example.com>',
    'See our work (https://example.com/work), or https://example.com',
  ],
  ['a_b and 2 * 3 * 4', 'a_b and 2 * 3 * 4'],
  ['```sh\nls \\*\n```', 'ls \\*'],
])('%s', (markdown, plain) => {
  expect(plainOf(markdown)).toBe(plain)
})

test('tables are aligned, and a text of any length is read', () => {
  expect(plainOf('| a | USD |\n|---|---:|\n| web | 20 |')).toBe('a   │ USD\n────┼────\nweb │  20')
  expect(plainOf('\\.'.repeat(5000))).toBe('.'.repeat(5000))
})

test('what has settled of a growing text never changes its look', () => {
  const whole =
    'One **two**\nthree.\n\n- a\n- b\n\n```ts\nconst a = 1\n\nconst b = 2\n```\n\nThe [end](https://example.com).\n\n'
  let shown = ''
  for (let length = 0; length <= whole.length; length++) {
    const plain = plainOf(settledOf(whole.slice(0, length)))
    expect(plain.startsWith(shown)).toBe(true)
    shown = plain
  }
  expect(shown).toContain('const b = 2')
  expect(plainOf(whole).startsWith(shown)).toBe(true)
})
