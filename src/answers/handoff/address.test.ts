import { describe, expect, test } from 'vitest'
import { addressIn } from './address.ts'

describe('left of one accord', () => {
  test.each([
    ['anna@example.com or +49 170 1234567', 'email', 'anna@example.com'],
    ['+49 170 1234567', 'phone', '+49 170 1234567'],
    ['Call me: +7 (916) 123-45-67, please', 'phone', '+7 (916) 123-45-67'],
    ['My phone number is 555-1234', 'phone', '555-1234'],
    ['you can call me at 0170 1234567.', 'phone', '0170 1234567'],
    ['позвоните мне по номеру 8 916 123 45 67', 'phone', '8 916 123 45 67'],
    ['мой тел. 123-45-67', 'phone', '123-45-67'],
    ['8(495)123-45-67', 'phone', '8(495)123-45-67'],
    ['89161234567', 'phone', '89161234567'],
    ['WhatsApp 628123456789', 'phone', '628123456789'],
    ['write to me on Telegram: @anna_smith', 'telegram', '@anna_smith'],
    ['мой телеграм @anna_smith', 'telegram', '@anna_smith'],
    ['https://t.me/anna_smith', 'telegram', '@anna_smith'],
  ])('%s', (text, kind, value) => {
    expect(addressIn(text, false)).toEqual({ kind, value })
  })
})

describe('after it was asked for', () => {
  test.each([
    ['0170 1234567', '0170 1234567'],
    ['2025550123', '2025550123'],
    ['555-1234', '555-1234'],
    ['Anna, 202 555 0123, thanks', '202 555 0123'],
    ['@anna_smith', '@anna_smith'],
  ])('%s', (text, value) => {
    expect(addressIn(text, true)?.value).toBe(value)
    expect(addressIn(text, false)).toBeUndefined()
  })
})

test.each([
  'our budget is 1 500 000',
  '1 500 000 rubles',
  'about 10000000 requests a day',
  'we have 25 000 000 users',
  '1.500.000',
  '$1500000000',
  '15000000 USD',
  '26.11.2026',
  '2026-11-26',
  '2026-11-26 17:03',
  '20261126',
  '01.12.2026 - 05.12.2026',
  'order 4512345678',
  'Order number: 4512345678',
  'заказ №4512345678',
  'номер заказа 4512345678',
  'счёт 40702810123',
  'ИНН 7707083893',
  'my card 4111 1111 1111 1111',
  '4111 1111 1111 1111',
  '192.168.100.200',
  '10.0.0.1:8080',
  'version 10.15.7.20',
  '1234567',
  '3.14159265358',
  '12345678901234567890',
  '@parley_bot',
  'price @ 5.00',
  '@abc',
  '',
])('"%s" is no address, asked or not', (text) => {
  expect(addressIn(text, true)).toBeUndefined()
  expect(addressIn(text, false)).toBeUndefined()
})

test('a megabyte of almost-numbers is read in passing', () => {
  for (const text of [
    '1 '.repeat(500_000),
    '+1('.repeat(300_000),
    '@a'.repeat(500_000),
    'call a '.repeat(100_000),
  ]) {
    const began = performance.now()
    expect(addressIn(text, true)).toBeUndefined()
    expect(performance.now() - began).toBeLessThan(200)
  }
})
