import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toDialogue } from './dialogue.ts'

test('joins neighbours, drops what stands before the first and after the last question', () => {
  expect(
    toDialogue([
      { role: 'assistant', text: 'Welcome' },
      { role: 'user', text: 'one' },
      { role: 'user', text: 'two' },
      { role: 'assistant', text: 'three' },
      { role: 'user', text: 'four' },
      { role: 'assistant', text: 'five' },
    ]),
  ).toEqual([
    { role: 'user', text: 'one\ntwo' },
    { role: 'assistant', text: 'three' },
    { role: 'user', text: 'four' },
  ])
})

test('whatever was said, roles take turns from user to user and nothing is empty or half a character', () => {
  const message = fc.record({
    role: fc.constantFrom<'user' | 'assistant'>('user', 'assistant'),
    text: fc.oneof(fc.constantFrom('', ' ', '\n', '\ud800', 'a\udc00'), fc.string()),
  })
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      const before = structuredClone(messages)
      const dialogue = toDialogue(messages)
      expect(messages).toEqual(before)
      expect(dialogue.length % 2).toBe(dialogue.length === 0 ? 0 : 1)
      for (const [index, { role, text }] of dialogue.entries()) {
        expect(role).toBe(index % 2 === 0 ? 'user' : 'assistant')
        expect(text.trim()).not.toBe('')
        expect(text.isWellFormed()).toBe(true)
      }
    }),
  )
})
