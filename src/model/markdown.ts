/** ASCII punctuation, all of which a backslash makes literal (CommonMark 0.31 §2.4). */
const punctuation = /[!-/:-@[-`{-~]/g
/** Control characters, and the marks that turn the direction of a line around. */
const invisible = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * A person's words as one line of Markdown that shows them and nothing else: white space folded, markup escaped,
 * cut after `limit` characters.
 */
export function quoted(words: string, limit: number): string {
  const line = words
    .slice(0, limit * 4)
    .replace(/\s+/g, ' ')
    .replace(invisible, '')
    .trim()
  const letters = Array.from(line)
  const cut = letters.length > limit || words.length > limit * 4
  const shown = cut ? `${letters.slice(0, limit).join('').trimEnd()}…` : line
  return shown.replace(punctuation, '\\$&')
}
