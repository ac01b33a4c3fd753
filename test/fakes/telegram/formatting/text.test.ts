import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderMarkdown } from '../../../../src/channels/telegram/markdown/render.ts'
import { splitMarkdown } from '../../../../src/channels/telegram/split/split.ts'
import { readArguments } from '../arguments.ts'
import { unfaithful } from './entities.ts'
import { readText } from './text.ts'

const read = (raw: Record<string, unknown>) => readText(readArguments(raw), { mayBeEmpty: false })

describe('texts the Bot API refuses', () => {
  test.each([
    [{ text: '' }, 'message text is empty'],
    [{ text: ' \n\u200b' }, 'text must be non-empty'],
    [{ text: 'x'.repeat(4097) }, 'message is too long'],
    [{ text: 'x'.repeat(32_769) }, 'text is too long'],
    [{ text: 'a', parse_mode: 'BBCode' }, 'unsupported parse_mode'],
    [{ text: '<b>a', parse_mode: 'HTML' }, "Can't find end tag corresponding to start tag"],
    [{ text: 'a</b>', parse_mode: 'HTML' }, 'Unexpected end tag at byte offset 1'],
    [{ text: '<b>я</i>', parse_mode: 'html' }, 'Unmatched end tag at byte offset 5'],
    [{ text: '<p>a</p>', parse_mode: 'HTML' }, 'Unsupported start tag "p"'],
    [{ text: 'a.', parse_mode: 'MarkdownV2' }, "Character '.' is reserved"],
    [{ text: '*a', parse_mode: 'MarkdownV2' }, "Can't find end of Bold entity at byte offset 0"],
    [{ text: 'ab', entities: [{ type: 'bold', offset: 1, length: 2 }] }, 'ends after the end of the text'],
    [{ text: 'ab', entities: [{ type: 'bold', offset: 2, length: 2 }] }, 'begins after the end of the text'],
    [
      { text: '😀', entities: [{ type: 'bold', offset: 1, length: 1 }] },
      'begins in a middle of a UTF-16 symbol',
    ],
    [
      { text: '😀', entities: [{ type: 'bold', offset: 0, length: 1 }] },
      'ends in a middle of a UTF-16 symbol',
    ],
    [{ text: 'ab', entities: [{ type: 'loud', offset: 0, length: 1 }] }, "can't parse MessageEntity"],
    [
      { text: 'ab', entities: [{ type: 'text_link', offset: 0, length: 1, url: 'http://x' }] },
      'Wrong HTTP URL',
    ],
    [{ text: 'ab', entities: '[{' }, "can't parse entities JSON object"],
  ])('%j', (raw, reason) => {
    expect(() => read(raw)).toThrow(`Bad Request: ${reason}`.slice(0, 12))
    expect(() => read(raw)).toThrow(reason)
  })

  test('formatting it parses counts without its marks', () => {
    expect(read({ text: `<b>${'x'.repeat(4096)}</b>`, parse_mode: 'HTML' }).text).toHaveLength(4096)
    expect(read({ text: '*bold* \\_ `a.b` [t](https://a.b)', parse_mode: 'MarkdownV2' }).text).toBe(
      'bold _ a.b t',
    )
  })

  test('formatting it would change without a word is noticed', () => {
    const lost = [
      { type: 'bold' as const, offset: 0, length: 4 },
      { type: 'code' as const, offset: 2, length: 4 },
    ]
    expect(unfaithful(lost)).toHaveLength(1)
  })
})

test('whatever Markdown the bot says, every part is taken with all its formatting', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '**',
      '*',
      '_',
      '`',
      '```ts\n',
      '```',
      '~~',
      '[a](https://example.com/',
      ')',
      '> ',
      '\n',
      '\n\n',
      '- ',
      '1. ',
      '# ',
      '|a|b|\n|-|-|\n|',
      '[x](tg://resolve?domain=a)',
      '![i](https://a.b/c.png)',
      '😀',
      '\r',
      '\u2028',
      '\u0000',
      '\ud83d',
      '&#0;',
      '&#x1F600;',
    ),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.lorem({ maxCount: 8 }),
  )
  const source = fc
    .tuple(fc.array(piece, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 40 }))
    .map(([pieces, times]) => pieces.join('').repeat(times))
  fc.assert(
    fc.property(source, (text) => {
      for (const part of splitMarkdown(text, 4096)) {
        const rendered = renderMarkdown(part)
        read({ ...rendered })
        expect(unfaithful(rendered.entities)).toEqual([])
      }
    }),
    { numRuns: 300 },
  )
})
