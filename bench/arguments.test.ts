import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'

const namesOf = (...args: string[]): string[] => readArguments(args).wanted.map(({ name }) => name)

test('without names everything is measured but the soak; a smoke run has that, too', () => {
  expect(namesOf()).toContain('replies')
  expect(namesOf()).not.toContain('soak')
  expect(namesOf('--quick')).toContain('soak')
  expect(namesOf('soak', 'replies')).toEqual(['replies', 'soak'])
})

test('what is unknown or makes no sense is refused', () => {
  expect(() => namesOf('speed')).toThrow('There is no speed.')
  expect(() => namesOf('soak', '--minutes', 'many')).toThrow(
    '--minutes is many, but must be a number above 0',
  )
})
