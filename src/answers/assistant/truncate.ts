import { estimateTokens } from '../../llm/llm.ts'

/** A token is at most this many characters by `estimateTokens`. */
const charactersPerToken = 4
/** Of what is kept, the part taken from the beginning. */
const headShare = 0.6

/** The text within `tokens`: its beginning and end, with a note of what is missing between them. */
export function truncated(text: string, tokens: number): string {
  if (text.length <= tokens * charactersPerToken && estimateTokens(text) <= tokens) return text
  let kept = Math.min(text.length, tokens * charactersPerToken)
  let short = shortened(text, kept)
  while (kept > 0 && estimateTokens(short) > tokens) {
    kept = Math.floor(kept * 0.85)
    short = shortened(text, kept)
  }
  return short
}

function shortened(text: string, kept: number): string {
  const head = Math.floor(kept * headShare)
  const note = `[… ${text.length - kept} characters left out …]`
  // A pair of surrogates cut in two is no valid UTF-8.
  return `${text.slice(0, head)}\n${note}\n${text.slice(text.length - (kept - head))}`.toWellFormed()
}
