const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const joining = /^(?:\p{M}|\u200d)/u

/** Whether a cut before `at` would part a character from what is drawn upon it. */
export const joinsBackwards = (text: string, at: number): boolean => joining.test(text.slice(at, at + 2))

/**
 * The last place in `(from, limit]` where a word ends, searched in the second half; without one, the last border
 * of a character as people see it; without that (one character longer than the range), of a code point.
 */
export function cutWords(text: string, from: number, limit: number): number {
  const lowest = from + Math.floor((limit - from) / 2)
  for (let at = limit; at > lowest; at -= 1) {
    if (/\s/.test(text[at - 1] ?? '') && !joinsBackwards(text, at)) return at
  }
  return cutGraphemes(text, from, limit)
}

function cutGraphemes(text: string, from: number, limit: number): number {
  let at = from
  for (const { index, segment } of segmenter.segment(text.slice(from, limit + 64))) {
    const end = from + index + segment.length
    if (end > limit) break
    at = end
  }
  if (at > from) return at
  const code = text.charCodeAt(limit)
  return code >= 0xdc00 && code <= 0xdfff ? limit - 1 : limit
}
