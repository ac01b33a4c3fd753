import { Marked, Tokenizer, type Tokens } from 'marked'

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign)

const safeAddress = /^(?:https?:|mailto:|tel:)/i

function anchor(href: string, inner: string): string {
  if (!safeAddress.test(href)) return inner
  return `<a href="${escapeHtml(href)}" target="_blank" rel="noopener noreferrer nofollow">${inner}</a>`
}

function codeBlock(text: string, language: string, copy: string): string {
  const name = /^[\w+#.-]{1,20}/.exec(language)?.[0] ?? ''
  const type = name ? ` class="language-${escapeHtml(name)}"` : ''
  const bar = `<div class="code-bar"><span>${escapeHtml(name)}</span><button type="button" data-copy="">${escapeHtml(copy)}</button></div>`
  return `<div class="code">${bar}<pre tabindex="0"><code${type}>${escapeHtml(text)}</code></pre></div>`
}

/**
 * Markdown (CommonMark with tables) as HTML. HTML inside the Markdown is shown as text; images become links, for
 * a picture would tell its server who reads; only web, mail and telephone addresses become links. The result is
 * sanitised once more before it meets a page.
 */
export function markdownToHtml(markdown: string, copy: string): string {
  try {
    return rendererFor(copy).parse(markdown, { async: false })
  } catch {
    // Nested deeper than the parser's stack: shown as it was written.
    return `<p>${escapeHtml(markdown)}</p>`
  }
}

const renderers = new Map<string, Marked>()

function rendererFor(copy: string): Marked {
  const known = renderers.get(copy)
  if (known) return known
  const made = new Marked({ gfm: true, breaks: true, async: false })
  made.use({
    tokenizer: {
      // After a raw tag such as <code> the parser would pass text on unescaped until the tag is closed.
      tag(source) {
        const token = Tokenizer.prototype.tag.call(this, source)
        this.lexer.state.inRawBlock = false
        return token
      },
    },
    renderer: {
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
      code: ({ text, lang }: Tokens.Code) => codeBlock(text, lang ?? '', copy),
      image: ({ href, text }: Tokens.Image) => anchor(href, escapeHtml(text || href)),
      checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
      link({ href, tokens }: Tokens.Link) {
        return anchor(href, this.parser.parseInline(tokens))
      },
      // The page has its own headings; those of an answer stand below them.
      heading({ tokens, depth }: Tokens.Heading) {
        const level = Math.min(6, depth + 2)
        return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`
      },
    },
  })
  renderers.set(copy, made)
  return made
}
