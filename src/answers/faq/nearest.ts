/** Finds the known word a misspelt one was meant to be. */
export interface Nearest {
  find(word: string): string | undefined
}

/** From this length on a word may differ in one place, and from the other in two; a shorter one may lack a letter. */
const oneLetterLeftOut = 4
const oneSlip = 5
const twoSlips = 9

/** Words are looked up by length, so that a lookup compares a few hundred of thousands. */
export function createNearest(known: Iterable<string>): Nearest {
  const byLength = new Map<number, string[]>()
  for (const word of known) {
    const list = byLength.get(word.length)
    if (list) list.push(word)
    else byLength.set(word.length, [word])
  }
  return { find: (word) => closest(word, slipsOf(word.length), byLength) }
}

const slipsOf = (length: number): number => (length >= twoSlips ? 2 : length >= oneLetterLeftOut ? 1 : 0)

/** Misspelt words longer than this are not words. */
const longestWord = 30

function closest(word: string, slips: number, byLength: Map<number, string[]>): string | undefined {
  if (slips === 0 || word.length > longestWord) return undefined
  let best: string | undefined
  let limit = slips
  const shortest = word.length < oneSlip ? oneSlip : word.length - slips
  for (let length = shortest; length <= word.length + slips; length++) {
    for (const candidate of byLength.get(length) ?? []) {
      if (candidate[0] !== word[0] && candidate[1] !== word[1]) continue
      const distance = slipsBetween(word, candidate, limit)
      if (distance > limit || (best !== undefined && distance === limit)) continue
      best = candidate
      limit = distance
      if (limit === 1 && candidate[0] === word[0]) return best
    }
  }
  return best
}

/**
 * Optimal string alignment distance: letters inserted, left out, replaced, or two neighbours swapped.
 * Anything above `limit` is reported as `limit + 1`.
 */
export function slipsBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let [older, previous, current] = rows
  for (let column = 0; column <= b.length; column++) previous[column] = column
  for (let row = 1; row <= a.length; row++) {
    current[0] = row
    let least = row
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + same,
      )
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        cost = Math.min(cost, at(older, column - 2) + 1)
      current[column] = cost
      if (cost < least) least = cost
    }
    if (least > limit) return limit + 1
    ;[older, previous, current] = [previous, current, older]
  }
  return Math.min(at(previous, b.length), limit + 1)
}

/** Room for three rows of the comparison, so that thousands of comparisons make no garbage. */
const rows: [Uint8Array, Uint8Array, Uint8Array] = [
  new Uint8Array(longestWord + 4),
  new Uint8Array(longestWord + 4),
  new Uint8Array(longestWord + 4),
]

const at = (row: Uint8Array, column: number): number => row[column] ?? Number.POSITIVE_INFINITY
