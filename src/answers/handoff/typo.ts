/** Shorter words are too close to other words to be guessed at. */
const shortestGuessed = 5

/** Whether a word is one of these, or one slip of the finger away from a long one. */
export function isAmong(word: string, words: ReadonlySet<string>): boolean {
  if (words.has(word)) return true
  if (word.length < shortestGuessed - 1) return false
  for (const meant of words) {
    if (meant.length >= shortestGuessed && isOneSlipAway(word, meant)) return true
    if (meant.length === shortestGuessed - 1 && isSwapped(word, meant)) return true
  }
  return false
}

/** "tlak" for "talk": the one slip a short word allows without becoming another. */
const isSwapped = (word: string, meant: string): boolean =>
  word.length === meant.length && isOneSlipAway(word, meant) && sorted(word) === sorted(meant)

const sorted = (word: string): string => Array.from(word).toSorted().join('')

/** One letter added, left out or wrong, or two neighbours swapped (Damerau). */
export function isOneSlipAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let head = 0
  while (head < a.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1
  const left = a.slice(head, a.length - tail)
  const right = b.slice(head, b.length - tail)
  if (left.length <= 1 && right.length <= 1) return true
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0]
}
