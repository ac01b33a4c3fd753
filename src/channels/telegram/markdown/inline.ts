import type { Token, Tokens } from 'marked'
import { decodeReferences } from './characters.ts'
import { linkTarget, visibleAddress } from './link.ts'
import { createPage, type Page } from './page.ts'

/** Writes inline tokens: text, emphasis, code, links. What it does not know is written as it stands. */
export function writeInline(page: Page, tokens: Token[]): void {
  for (const token of tokens) writeToken(page, token)
}

/** The bare text of inline tokens. */
export function plainInline(tokens: Token[]): string {
  const page = createPage()
  writeInline(page, tokens)
  return page.finish().text
}

function writeToken(page: Page, token: Token): void {
  const inner = 'tokens' in token ? (token.tokens ?? []) : []
  switch (token.type) {
    case 'text':
      if (inner.length > 0) return writeInline(page, inner)
      return page.write(decodeReferences('text' in token ? String(token.text) : token.raw))
    case 'escape':
      return page.write('text' in token ? String(token.text) : token.raw)
    case 'strong':
      return page.styled({ type: 'bold' }, () => writeInline(page, inner))
    case 'em':
      return page.styled({ type: 'italic' }, () => writeInline(page, inner))
    case 'del':
      return page.styled({ type: 'strikethrough' }, () => writeInline(page, inner))
    case 'codespan':
      return writeCode(page, 'text' in token ? String(token.text) : token.raw)
    case 'br':
      return page.write('\n')
    case 'checkbox':
      return page.write('checked' in token && token.checked ? '☑ ' : '☐ ')
    case 'link':
    case 'image':
      return writeLink(page, token as Tokens.Link | Tokens.Image, inner)
    default:
      return page.write(/^<br\s*\/?>$/i.test(token.raw) ? '\n' : token.raw)
  }
}

/** A link's text cannot also be code: there the link is worth more. */
function writeCode(page: Page, text: string): void {
  if (page.within('text_link')) page.write(text)
  else page.styled({ type: 'code' }, () => page.write(text))
}

function writeLink(page: Page, token: Tokens.Link | Tokens.Image, inner: Token[]): void {
  const label = plainInline(inner) || token.text
  const bare = label === token.href || token.raw === label || `mailto:${label}` === token.href
  if (bare) return page.write(label)
  const url = page.within('text_link') ? undefined : linkTarget(token.href)
  if (url !== undefined) {
    return page.styled({ type: 'text_link', url }, () =>
      inner.length > 0 ? writeInline(page, inner) : page.write(label === '' ? url : label),
    )
  }
  const address = visibleAddress(token.href)
  if (inner.length > 0) writeInline(page, inner)
  else page.write(label)
  if (address !== undefined && address !== label) page.write(label === '' ? address : ` (${address})`)
}
