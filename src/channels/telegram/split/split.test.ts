import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderMarkdown } from '../markdown/render.ts'
import { splitMarkdown } from './split.ts'

const limit = 4096
const words = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `w${from + n}`).join(' ')
const wordsOf = (text: string) => text.match(/w\d+/g) ?? []
const shown = (parts: string[]) => parts.map((part) => renderMarkdown(part).text)

describe('where Markdown is cut', () => {
  test('what fits stays whole, what is blank is nothing', () => {
    expect(splitMarkdown('hello', limit)).toEqual(['hello'])
    expect(splitMarkdown('x'.repeat(4096), limit)).toHaveLength(1)
    expect(splitMarkdown(' \n\u200b ', limit)).toEqual([])
    expect(splitMarkdown('\n'.repeat(9000), limit)).toEqual([])
  })

  test('4,097 characters become two parts, at a border of paragraphs', () => {
    const first = 'a'.repeat(3000)
    const second = 'b'.repeat(1095)
    expect(splitMarkdown(`${first}\n\n${second}`, limit)).toEqual([first, second])
  })

  test('a border of paragraphs beats one of lines, a line one of words', () => {
    const paragraph = `${'a '.repeat(1000)}\n${'b '.repeat(800)}`
    expect(splitMarkdown(`${paragraph}\n\n${paragraph}`, limit)).toEqual([paragraph.trim(), paragraph.trim()])
    const lines = Array.from({ length: 100 }, () => 'c'.repeat(59)).join('\n')
    for (const part of splitMarkdown(lines, limit)) expect(part).toMatch(/^(c{59}\n)*c{59}$/)
  })

  test('60,000 characters of prose keep every word in order', () => {
    const source = words(12_000).slice(0, 60_000)
    const parts = splitMarkdown(source, limit)
    expect(parts.every((part) => part.length <= limit)).toBe(true)
    expect(parts.join(' ')).toBe(source)
  })

  test('one word of 60,000 characters is cut between characters as people see them', () => {
    const family = '👨‍👩‍👧‍👦'
    const flag = '🇩🇪'
    for (const unit of ['x', 'é', '😀', family, flag]) {
      const source = unit.repeat(Math.ceil(60_000 / unit.length))
      const parts = splitMarkdown(source, limit)
      expect(parts.join('')).toBe(source)
      expect(parts.filter((part) => part.replaceAll(unit, '') !== '' || part.length > limit)).toEqual([])
    }
  })

  test('a single character larger than a message is still cut, between code points', () => {
    const zalgo = `a${'\u0301'.repeat(9000)}`
    const parts = splitMarkdown(zalgo, limit)
    expect(parts.join('')).toBe(zalgo)
  })

  test('a code fence across a cut is closed and opened again with its language', () => {
    const code = Array.from({ length: 400 }, (_, n) => `const value${n} = ${n} // ${'x'.repeat(10)}`).join(
      '\n',
    )
    const parts = splitMarkdown(`before\n\n\`\`\`ts\n${code}\n\`\`\`\n\nafter`, limit)
    expect(parts.length).toBeGreaterThan(2)
    const rendered = parts.map(renderMarkdown)
    for (const { entities } of rendered) {
      expect(entities).toEqual([expect.objectContaining({ type: 'pre', language: 'ts' })])
    }
    const codes = rendered.map(({ text, entities: [pre] }) =>
      pre ? text.slice(pre.offset, pre.offset + pre.length) : '',
    )
    expect(codes.join('\n')).toBe(code)
  })

  test('emphasis, code and links across a cut stay what they are', () => {
    const source = `**${words(900)}** and _${words(900, 900)}_ and \`${words(900, 1800)}\``
    const rendered = splitMarkdown(source, limit).map(renderMarkdown)
    expect(rendered.flatMap(({ text }) => wordsOf(text))).toEqual(wordsOf(source))
    expect(rendered.map(({ text }) => text).join(' ')).not.toMatch(/[*_`]/)
    const linked = `${'a'.repeat(4000)} [the link with a long text](https://example.com/path) ${'b'.repeat(100)}`
    const links = splitMarkdown(linked, limit).flatMap((part) => renderMarkdown(part).entities)
    expect(links).toEqual([expect.objectContaining({ type: 'text_link', url: 'https://example.com/path' })])
  })

  test('a long table repeats its head', () => {
    const rows = Array.from({ length: 300 }, (_, n) => `| row ${n} | some value |`).join('\n')
    const parts = splitMarkdown(`| name | value |\n|---|---|\n${rows}`, limit)
    expect(parts.every((part) => part.startsWith('| name | value |\n|---|---|\n'))).toBe(true)
    expect(shown(parts).every((text) => text.length <= limit)).toBe(true)
  })

  test('a list cut inside an item keeps its items items', () => {
    const nested = Array.from({ length: 200 }, (_, n) => `    - nested ${n} with some words`).join('\n')
    const parts = splitMarkdown(`- outer\n${nested}`, limit)
    for (const part of parts) {
      const { text, entities } = renderMarkdown(part)
      expect(entities).toEqual([])
      expect(text.split('\n').every((line) => /^\s*• (outer|nested)/.test(line))).toBe(true)
    }
  })

  test('a hostile source of 60,000 characters is cut and shown like any other', () => {
    for (const unit of [
      '`',
      '``` ',
      '*a ',
      '[',
      '> ',
      '- ',
      '| a ',
      '~~~\n',
      '_a*b~~',
      '\\',
      '[a](b) ',
      '|-|\n',
    ]) {
      const source = unit.repeat(Math.ceil(60_000 / unit.length))
      const parts = splitMarkdown(source, limit)
      expect(parts.every((part) => part.length <= limit)).toBe(true)
      expect(shown(parts).every((text) => text.length <= limit && text.trim() !== '')).toBe(true)
    }
  })
})

describe('for any Markdown', () => {
  const mark = fc.constantFrom(
    ' ',
    '\n',
    '\n\n',
    '**',
    '*',
    '_',
    '`',
    '```',
    '```ts\n',
    '~~',
    '[',
    '](https://a.example/b)',
    '> ',
    '- ',
    '1. ',
    '# ',
    '|',
    '\n|---|---|\n',
    '    ',
    '\\',
    '<b>',
    '&amp;',
    '---\n',
    '😀',
    '👨‍👩‍👧‍👦',
    'é',
    '\t',
    '\r\n',
    '~~~\n',
    ' - [ ] ',
  )
  const word = fc.nat(9999).map((n) => ` w${n} `)
  const source = fc
    .tuple(
      fc.array(fc.oneof(mark, word, fc.string({ maxLength: 20 })), { maxLength: 60 }),
      fc.integer({ min: 10, max: 100 }),
    )
    .map(([pieces, times]) => pieces.join('').repeat(times))

  test('parts fit, none is blank, words keep their order', () => {
    fc.assert(
      fc.property(source, (text) => {
        const parts = splitMarkdown(text, limit)
        expect(parts.every((part) => part.length <= limit && part.trim() !== '')).toBe(true)
        const before = wordsOf(text)
        let at = 0
        // Repeated table heads may add words; none may be lost or move.
        for (const found of wordsOf(parts.join(' '))) if (found === before[at]) at += 1
        expect(at).toBe(before.length)
      }),
      { numRuns: 200 },
    )
  })
})
