import { Lexer } from 'marked'
import { writeBlocks } from '../channels/telegram/markdown/blocks.ts'
import { createPage } from '../channels/telegram/markdown/page.ts'

/** Markdown as text for a terminal: laid out, without marks and escapes, addresses of links in brackets. */
export function plainOf(markdown: string): string {
  const page = createPage()
  try {
    writeBlocks(page, new Lexer({ gfm: true }).lex(markdown), { roomy: true, depth: 0 })
  } catch (error) {
    // Thousands of nested quotes overflow the lexer's stack; such a text loses nothing when shown as it is.
    if (error instanceof RangeError) return markdown
    throw error
  }
  const { text, entities } = page.finish()
  return entities.reduceRight((shown, entity) => {
    if (entity.type !== 'text_link') return shown
    const end = entity.offset + entity.length
    return `${shown.slice(0, end)} (${entity.url})${shown.slice(end)}`
  }, text)
}

/** The part of a growing Markdown text whose look will not change: its whole blocks. */
export function settledOf(markdown: string): string {
  const blocks = markdown.split(/(?<=\n)\n+(?=\S)/).slice(0, -1)
  const isInCode = () => (blocks.join('\n').match(/^\s*(?:```|~~~)/gm) ?? []).length % 2 === 1
  while (blocks.length > 0 && isInCode()) blocks.pop()
  return blocks.join('\n')
}
