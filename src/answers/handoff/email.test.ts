import { expect, test } from 'vitest'
import { emailIn, saysMoreThan } from './email.ts'

test.each([
  ['anna@example.com', 'anna@example.com'],
  ['Пишите на a.b+c@sub.example.co.uk, спасибо.', 'a.b+c@sub.example.co.uk'],
  ['почта@пример.рф', 'почта@пример.рф'],
  ['<anna@example.com>', 'anna@example.com'],
  ['@parley_bot', undefined],
  ['anna@localhost', undefined],
  ['price @ 5.00', undefined],
])('%s holds %s', (text, email) => {
  expect(emailIn(text)).toBe(email)
})

test('a megabyte of almost-addresses is read in passing', () => {
  expect(emailIn('a@'.repeat(1_000_000))).toBeUndefined()
  expect(emailIn(`a@${'a.'.repeat(1_000_000)}`)).toBeUndefined()
})

test('a few words around an address are no question', () => {
  expect(saysMoreThan('a@b.co', 'My address is a@b.co, thanks')).toBe(false)
  expect(saysMoreThan('a@b.co', 'a@b.co. And how much does a web application cost?')).toBe(true)
})
