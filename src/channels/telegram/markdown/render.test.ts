import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderMarkdown } from './render.ts'

/** Shows entities in place: `bold{text}`. */
function show(source: string): string {
  const { text, entities } = renderMarkdown(source)
  const marks = entities.flatMap((entity, order) => [
    { at: entity.offset, order, text: `${'url' in entity ? `link:${entity.url}` : entity.type}{` },
    { at: entity.offset + entity.length, order: -order, text: '}' },
  ])
  marks.sort(
    (a, b) => b.at - a.at || (a.text === '}' ? 1 : -1) - (b.text === '}' ? 1 : -1) || b.order - a.order,
  )
  return marks.reduce((shown, { at, text: mark }) => shown.slice(0, at) + mark + shown.slice(at), text)
}

describe('Markdown becomes text and entities', () => {
  test.each([
    ['plain words', 'plain words'],
    ['**bold** and *italic* and ~~gone~~', 'bold{bold} and italic{italic} and strikethrough{gone}'],
    ['***both***', 'bold{italic{both}}'],
    ['`a * b`', 'code{a * b}'],
    ['**a `b` c**', 'bold{a }code{b}bold{ c}'],
    ['# Title\n\ntext', 'bold{Title}\n\ntext'],
    ['- one\n- two\n  - deep', '• one\n• two\n  • deep'],
    ['3. three\n4. four', '3. three\n4. four'],
    ['- [ ] open\n- [x] done', '☐ open\n☑ done'],
    ['> quoted\n> twice\n>> deeper', 'blockquote{quoted\ntwice\ndeeper}'],
    ['[text](https://example.com/a)', 'link:https://example.com/a{text}'],
    ['[me](tg://user?id=1)', 'link:tg://user?id=1{me}'],
    ['[mail](mailto:a@example.com)', 'mail (a@example.com)'],
    ['[local](http://localhost:8000/x)', 'local (http://localhost:8000/x)'],
    ['[bad](javascript:alert(1))', 'bad'],
    ['![alt](https://example.com/i.png)', 'link:https://example.com/i.png{alt}'],
    ['https://example.com/x_y_z', 'https://example.com/x_y_z'],
    ['<a@example.com>', 'a@example.com'],
    ['a\n\n---\n\nb', 'a\n\n———\n\nb'],
    ['1 &lt; 2 &amp; 3 &#x41; &unknown;', '1 < 2 & 3 A &unknown;'],
    ['<script>alert(1)</script> <b>x</b>', '<script>alert(1)</script> <b>x</b>'],
    ['one<br>two', 'one\ntwo'],
    ['\\*not\\* \\_emphasis\\_', '*not* _emphasis_'],
  ])('%j', (source, expected) => {
    expect(show(source)).toBe(expected)
  })

  test('a code block keeps its language, a strange one is left out', () => {
    expect(renderMarkdown('```ts\nlet a = 1\n```').entities).toEqual([
      { type: 'pre', offset: 0, length: 9, language: 'ts' },
    ])
    expect(renderMarkdown('```\nx\n```').entities).toEqual([{ type: 'pre', offset: 0, length: 1 }])
  })

  test('tables are aligned, wide characters counted as two', () => {
    expect(renderMarkdown('| a | bb |\n|---|--:|\n| ccc | 1 |\n| 漢字 | 22 |').text).toBe(
      'a    │ bb\n─────┼───\nccc  │  1\n漢字 │ 22',
    )
  })

  test('offsets count UTF-16 units', () => {
    expect(renderMarkdown('😀 **жирный** 😀').entities).toEqual([{ type: 'bold', offset: 3, length: 6 }])
  })

  test.each([
    '**never closed',
    '`',
    '```',
    '[a](',
    '*a **b* c**',
    '| a |\n|',
    '> '.repeat(3000),
    '_'.repeat(50),
  ])('unbalanced Markdown never fails: %j', (source) => {
    const { text, entities } = renderMarkdown(source)
    expect(text.length).toBeGreaterThan(0)
    for (const { offset, length } of entities) expect(offset + length).toBeLessThanOrEqual(text.length)
  })

  test('a source of 4096 units stays sendable, whatever it is', () => {
    const wideTable = `| a | b |\n|---|---|\n${'| x | y |\n'.repeat(300)}| ${'z'.repeat(900)} | c |`
    expect(renderMarkdown(wideTable).text.length).toBeLessThanOrEqual(4096)
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '- ', '1. ', '\n', '\t', '|', '|-|-|\n', '> ', '---\n', '`', '# '), {
          minLength: 1,
        }),
        (pieces) => {
          const source = pieces.join('').repeat(400).slice(0, 4096)
          expect(renderMarkdown(source).text.length).toBeLessThanOrEqual(4096)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('what would show nothing is shown itself', () => {
    expect(renderMarkdown('```\n```').text).toBe('```\n```')
    expect(renderMarkdown('[](/x)').text).toBe('[](/x)')
  })

  test('lone surrogates are replaced', () => {
    expect(renderMarkdown('a\ud800b').text).toBe('a\ufffdb')
  })
})
