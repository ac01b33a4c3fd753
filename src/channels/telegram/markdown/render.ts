import { Lexer } from 'marked'
import { writeBlocks } from './blocks.ts'
import { isBlank } from './characters.ts'
import { createPage, type Rendered } from './page.ts'

/** The longest text of a message after its formatting is taken out, in UTF-16 units (Bot API, `sendMessage`). */
export const longestText = 4096

/** Whatever may be Markdown: anything else is sent as it stands, without reading it. */
const maybeMarkdown = /[*_`~[\]<>&\\|#]|^\s*(?:[-+]|\d+[.)])\s|^\s*[-=]+\s*$|^(?: {4}|\t)|\r|\S {2,}\n/m

/**
 * Markdown as Telegram takes it: text with entities, which cannot fail to parse as marked-up text can. Never
 * throws and never grows: a source of at most 4096 units stays sendable. Unbalanced marks are shown as they are;
 * a source that would show nothing is shown itself.
 */
export function renderMarkdown(source: string): Rendered {
  const text = source.toWellFormed()
  if (!maybeMarkdown.test(text)) return { text, entities: [] }
  for (const roomy of [true, false]) {
    const rendered = tryRender(text, roomy)
    if (rendered === undefined || isBlank(rendered.text)) break
    if (rendered.text.length <= longestText) return rendered
  }
  return { text, entities: [] }
}

function tryRender(text: string, roomy: boolean): Rendered | undefined {
  const page = createPage()
  try {
    writeBlocks(page, new Lexer({ gfm: true }).lex(text), { roomy, depth: 0 })
  } catch (error) {
    // Thousands of nested quotes overflow the lexer's stack; such a text loses nothing when shown as it is.
    if (error instanceof RangeError) return undefined
    throw error
  }
  return page.finish()
}
