import { Marked } from 'marked'

const parser = new Marked({ gfm: true, breaks: true })

/** Markdown as words to be read aloud: no marks, code blocks left out. */
export function plainText(markdown: string): string {
  try {
    return wordsOf(markdown)
  } catch {
    return markdown // Nested deeper than the parser's stack.
  }
}

function wordsOf(markdown: string): string {
  const words: string[] = []
  void parser.walkTokens(parser.lexer(markdown), (token) => {
    if (token.type === 'codespan' || (token.type === 'text' && !('tokens' in token))) words.push(token.text)
    else if (token.type === 'escape') words.push(token.text)
    else if (token.type === 'paragraph' || token.type === 'br' || token.type === 'list_item') words.push('\n')
  })
  return words.join('').trim()
}
