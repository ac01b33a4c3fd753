import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unfaithful } from '../../../test/fakes/telegram/formatting/entities.ts'
import { foundBeside } from '../../../test/fakes/telegram/formatting/found.ts'
import { turnOf } from '../../../test/support/turn.ts'
import { renderMarkdown } from '../../channels/telegram/markdown/render.ts'
import { textsOf } from '../../model/texts/texts.ts'
import { noteOf } from './note.ts'

const noteWith = (name: string, platformId: string, words: string[]) => {
  const { contact, conversation } = turnOf(['hi'], { contact: { name, platformId } })
  const note = noteOf({ title: 'Title', contact, conversation, reason: 'asked', words }, textsOf('en'))
  return renderMarkdown(note)
}

test('shows the words as they are, and Telegram finds nothing to press in them', () => {
  const words = ['@boss see https://evil.example/a_b', '/ban #now `@x` ``y``', '` *a* > [l](https://a.b)']
  const { text, entities } = noteWith('@boss **B** evil.example', '+1 212 555 0123', words)
  for (const each of [...words, '@boss **B** evil.example', '+1 212 555 0123']) expect(text).toContain(each)
  expect(foundBeside(text, entities)).toEqual([])
  expect(foundBeside(text, [])).not.toEqual([])
})

test('whatever a person is called and writes', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '@boss',
      '/start',
      '#tag',
      '$USD',
      'https://a.example/',
      'a@b.example',
      'tg://resolve?a=b',
    ),
    fc.constantFrom(
      '`',
      '``',
      '```',
      '\\',
      '\\`',
      '\n',
      '\r\n',
      '> ',
      '- ',
      '# ',
      '|',
      '***',
      '[a](b)',
      '<b>',
      '~~~',
    ),
    fc.constantFrom(
      ' ',
      '\t',
      '\0',
      '\u2028',
      '\u200b',
      '\u202e',
      '&#96;',
      '😀',
      '\ud83d',
      '4111111111111111',
    ),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
  )
  const said = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(said, said, fc.array(said, { maxLength: 3 }), (name, id, words) => {
      const { text, entities } = noteWith(name, id, words)
      expect(foundBeside(text, entities)).toEqual([])
      expect(unfaithful(entities)).toEqual([])
      expect(text.length).toBeLessThanOrEqual(4096)
    }),
    { numRuns: 500 },
  )
})
