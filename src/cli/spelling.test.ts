import { expect, test } from 'vitest'
import { inCheckout, spelled } from './spelling.ts'

test.each([
  ['Run: parley migrate up', 'Run: npm run parley -- migrate up'],
  ['`parley start`. `parley doctor` says', '`npm run parley -- start`. `npm run parley -- doctor` says'],
  ['check that parley is running', 'check that parley is running'],
  ['parley.yaml, parley.db, parleydoctor', 'parley.yaml, parley.db, parleydoctor'],
])('%s', (text, expected) => {
  expect(spelled(text, inCheckout)).toBe(expected)
  expect(spelled(expected, inCheckout)).toBe(expected)
  expect(spelled(text, 'parley')).toBe(text)
})
