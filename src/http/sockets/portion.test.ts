import { expect, test } from 'vitest'
import type { PageMessage } from '../contract/socket.ts'
import { firstPortion, lastPortion } from './portion.ts'

const messagesOf = (...texts: string[]): PageMessage[] =>
  texts.map((text, index) => ({ seq: index + 1, author: 'bot', text, at: 0 }))
const seqs = (messages: PageMessage[]): number[] => messages.map(({ seq }) => seq)

test('as many as fit, from the one end or the other', () => {
  const five = messagesOf(...Array.from({ length: 5 }, () => 'x'.repeat(60_000)))
  expect(seqs(firstPortion(five))).toEqual([1, 2, 3, 4])
  expect(seqs(lastPortion(five))).toEqual([2, 3, 4, 5])
  const short = messagesOf('a', 'b', 'c')
  expect(seqs(firstPortion(short))).toEqual([1, 2, 3])
  expect(seqs(lastPortion(short))).toEqual([1, 2, 3])
})

test('counts bytes as they are sent, not characters', () => {
  const wide = messagesOf('語'.repeat(60_000), '語'.repeat(60_000))
  expect(seqs(firstPortion(wide))).toEqual([1])
  const escaped = messagesOf('\u0001'.repeat(30_000), '\u0001'.repeat(30_000))
  expect(seqs(lastPortion(escaped))).toEqual([2])
})

test('one that is too long for any frame goes alone, and none stays none', () => {
  const long = messagesOf('a', 'x'.repeat(400_000), 'b')
  expect(seqs(firstPortion(long))).toEqual([1])
  expect(seqs(firstPortion(long.slice(1)))).toEqual([2])
  expect(seqs(lastPortion(long.slice(0, 2)))).toEqual([2])
  expect(firstPortion([])).toEqual([])
  expect(lastPortion([])).toEqual([])
})
