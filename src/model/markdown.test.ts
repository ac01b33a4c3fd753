import { marked } from 'marked'
import { expect, test } from 'vitest'
import { quoted } from './markdown.ts'

const shown = (markdown: string): string => marked.parse(markdown, { async: false }).trim()

test.each([
  ['*bold* _it_ `code` [link](https://evil.example)', '*bold* _it_ `code` [link](https://evil.example)'],
  ['# title', '# title'],
  ['1. one', '1. one'],
  ['    code block', 'code block'],
  ['a\n\n---\n\n> b', 'a --- &gt; b'],
  ['<script>alert(1)</script> &amp;', '&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;'],
  ['~~x~~ \\*y\\* ![i](u) | t |', '~~x~~ \\*y\\* ![i](u) | t |'],
])('%j is shown as it was written', (words, html) => {
  expect(shown(quoted(words, 200))).toBe(`<p>${html}</p>`)
})

test('is cut at the limit, and says so', () => {
  expect(quoted('абвгд', 3)).toBe('абв…')
  expect(quoted('абв', 3)).toBe('абв')
  expect(quoted('👍👍👍👍', 2)).toBe('👍👍…')
  expect(quoted('x'.repeat(10_000_000), 10)).toHaveLength(11)
})

test('marks that turn the line around, and control characters, are gone', () => {
  expect(quoted('a\u202eb\u0000c\u2066d', 10)).toBe('abcd')
})
