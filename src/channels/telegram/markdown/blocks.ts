import type { Token, Tokens } from 'marked'
import { writeInline } from './inline.ts'
import type { Page } from './page.ts'
import { writeTable } from './table.ts'

export interface BlockOptions {
  /** Aligned tables and wide tabs; without, nothing grows beyond its source. */
  roomy: boolean
  /** Nesting of lists. */
  depth: number
}

/** Writes block tokens, one or two line breaks between them as in the source. */
export function writeBlocks(page: Page, tokens: Token[], options: BlockOptions): void {
  let gap = ''
  for (const token of tokens) {
    if (token.type === 'space') {
      if (gap !== '') gap = '\n\n'
      continue
    }
    page.write(gap)
    writeBlock(page, token, options)
    gap = /\n[^\S\n]*\n\s*$/.test(token.raw) ? '\n\n' : '\n'
  }
}

function writeBlock(page: Page, token: Token, options: BlockOptions): void {
  const inner = 'tokens' in token ? (token.tokens ?? []) : []
  switch (token.type) {
    case 'heading':
      return page.styled({ type: 'bold' }, () => writeInline(page, inner))
    case 'paragraph':
      return writeInline(page, inner)
    case 'text':
      return writeInline(page, inner.length > 0 ? inner : [token])
    case 'code':
      return writeCodeBlock(page, token as Tokens.Code, options)
    case 'list':
      return writeList(page, token as Tokens.List, options)
    case 'blockquote':
      if (page.within('blockquote')) return writeBlocks(page, inner, options)
      return page.styled({ type: 'blockquote' }, () => writeBlocks(page, inner, options))
    case 'table':
      return writeTable(page, token as Tokens.Table, options.roomy)
    case 'hr':
      return page.write('———')
    case 'checkbox':
      return writeInline(page, [token])
    default:
      return page.write(token.raw.trimEnd())
  }
}

function writeCodeBlock(page: Page, { text, lang }: Tokens.Code, { roomy }: BlockOptions): void {
  const language = /^[\w+#.-]{1,32}/.exec(lang ?? '')?.[0] ?? ''
  page.styled({ type: 'pre', language }, () => page.write(roomy ? text.replaceAll('\t', '    ') : text))
}

function writeList(page: Page, list: Tokens.List, options: BlockOptions): void {
  const first = typeof list.start === 'number' ? list.start : 1
  list.items.forEach((item, index) => {
    if (index > 0) page.write('\n')
    page.write('  '.repeat(options.depth))
    if (!item.task) page.write(list.ordered ? `${first + index}. ` : '• ')
    writeBlocks(page, joinCheckbox(item.tokens), { ...options, depth: options.depth + 1 })
  })
}

/** A task's box stands before its text, not on a line of its own. */
function joinCheckbox([first, second, ...rest]: Token[]): Token[] {
  if (first === undefined) return []
  if (first.type !== 'checkbox' || second === undefined) return second ? [first, second, ...rest] : [first]
  const inner = 'tokens' in second ? (second.tokens ?? []) : []
  return [{ ...second, tokens: [first, ...inner] } as Token, ...rest]
}
