import { expect, test } from 'vitest'
import { messageOf, pressOf } from '../../../test/support/turn.ts'
import { asksForHelp, commandOf } from './parse.ts'

test.each([
  ['/help', { name: 'help', argument: '' }],
  ['  /HELP  ', { name: 'help', argument: '' }],
  ['/start ref_42', { name: 'start', argument: 'ref_42' }],
  ['/start\nhello\nthere', { name: 'start', argument: 'hello\nthere' }],
  ['/услуги', { name: 'услуги', argument: '' }],
  ['/', undefined],
  ['/etc/passwd', undefined],
  ['and/or', undefined],
  ['see /help', undefined],
  ['cmd:help', undefined],
  [`/${'a'.repeat(33)}`, undefined],
])('%j', (text, call) => {
  expect(commandOf(messageOf(text))).toEqual(call)
})

test.each(['help', 'Help!', 'помощь', 'what can you do?', 'Что ты умеешь?'])(
  '"%s" asks for the help',
  (text) => {
    expect(asksForHelp(messageOf(text))).toBe(true)
    expect(asksForHelp(pressOf(text))).toBe(false)
  },
)

test.each([
  'help me with my site',
  'what can you do for us',
  'нужна помощь с облаком',
  '',
  'help '.repeat(100_000),
])('something else does not', (text) => {
  expect(asksForHelp(messageOf(text))).toBe(false)
})

test('a button runs the command it names, and nothing else', () => {
  expect(commandOf(pressOf('cmd:Help'))).toEqual({ name: 'help', argument: '' })
  expect(commandOf(pressOf('/help'))).toEqual({ name: 'help', argument: '' })
  expect(commandOf(pressOf('faq:help'))).toBeUndefined()
  expect(commandOf(pressOf('cmd:help extra'))).toBeUndefined()
})

test('a megabyte of slashes or spaces is read in passing', () => {
  expect(commandOf(messageOf('/a'.repeat(1_000_000)))).toBeUndefined()
  expect(commandOf(messageOf(`/start${' '.repeat(1_000_000)}x`))).toEqual({ name: 'start', argument: 'x' })
})
