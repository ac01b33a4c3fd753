import { expect, test } from 'vitest'
import { plainText } from './plain.ts'
import { markdownToHtml } from './to-html.ts'

const html = (markdown: string) => markdownToHtml(markdown, 'Copy')

test('links open in a new tab without telling where from', () => {
  expect(html('[a](https://example.com)')).toContain(
    '<a href="https://example.com" target="_blank" rel="noopener noreferrer nofollow">a</a>',
  )
})

test.each([
  '[x](javascript:alert(1))',
  '[x](  JaVaScRiPt:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:x)',
  '[x](//evil.example)',
  '<javascript:alert(1)>',
  '![x](javascript:alert(1))',
  '<img src=x onerror=alert(1)>',
  'text <svg onload=alert(1)> text',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '```"><img src=x onerror=alert(1)>\ncode\n```',
  '[x](https://a.example/"onmouseover="alert(1))',
])('%s stays inert', (markdown) => {
  const made = html(markdown)
  expect(made).not.toMatch(/<(?!\/?(?:p|a|br|div|span|pre|code|button)\b)/)
  expect(made).not.toMatch(/<[^>]*\son\w+=/)
  expect(made).not.toMatch(/href="(?!https:|mailto:)/)
})

test('code carries its language, a copy button, and is never read as HTML', () => {
  const made = html('```ts\nconst a = "<b>"\n```')
  expect(made).toContain('class="language-ts"')
  expect(made).toContain('data-copy')
  expect(made).toContain('&lt;b&gt;')
})

test('an unfinished block of a stream is code already', () => {
  expect(html('Look:\n```js\nlet a')).toContain('<code class="language-js">let a')
})

test('an image is a link to it', () => {
  expect(html('![map](https://example.com/a.png)')).toContain('>map</a>')
})

test('headings stand below those of the page', () => {
  expect(html('# Title')).toContain('<h3>Title</h3>')
})

test('read aloud there are words only', () => {
  expect(plainText('**Hello**, [you](https://example.com)\n\n- one\n- `two`\n\n```\ncode\n```')).toBe(
    'Hello, you\none\ntwo',
  )
})

test('text behind a raw tag is escaped like any other', () => {
  for (const tag of ['kbd', 'code', 'pre', 'script']) {
    expect(markdownToHtml(`x <${tag}> <img src=x onerror=alert(1) `, 'Copy')).not.toContain('<img')
  }
  expect(markdownToHtml('Write <code> when a<b and c, then the rest', 'Copy')).toContain('then the rest')
})

test('what is nested deeper than the parser goes is shown as it was written', () => {
  for (const deep of ['>'.repeat(20_000), '1. '.repeat(20_000), '> '.repeat(20_000)]) {
    expect(markdownToHtml(`${deep}end`, 'Copy')).toContain('end')
    expect(plainText(`${deep}end`)).toContain('end')
  }
})
