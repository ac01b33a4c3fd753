import { numbersIn, paragraphsIn } from './answers.ts'

/** What a reply brought. */
export interface Taken {
  /** How many questions it is about. */
  numbers: number
  /** Those of which nothing had come before. */
  begun: number[]
  /** Those of which everything has come with it. */
  whole: number[]
  /** When something of it came last; `undefined`: never. */
  before: number | undefined
  /** Answers that begin or end before their turn, and paragraphs that came without the one before. */
  early: string[]
  /** It begins with another paragraph than the first. */
  isLater: boolean
}

export interface Pieces {
  take(text: string, at: number): Taken
}

/** Every paragraph of every answer in one chat, and when it came. Of what comes again only the first copy has a turn. */
export function createPieces(): Pieces {
  const cameAt = new Map<string, number>()
  const seen = new Set<number>()
  /** Seen, but not all of it. */
  const open = new Set<number>()
  let highest = 0
  const keyOf = (number: number, paragraph: number): string => `${number}/${paragraph}`

  function isWhole(number: number, of: number): boolean {
    const keys = Array.from({ length: of }, (_, index) => keyOf(number, index + 1))
    return open.has(number) && keys.every((key) => cameAt.has(key))
  }

  /** What is wrong with the beginning of these answers; those of one reply begin together. */
  function beginEarly(begun: readonly number[]): string[] {
    const [unfinished] = open
    return begun.flatMap((number) => {
      const later = highest
      highest = Math.max(highest, number)
      seen.add(number)
      open.add(number)
      if (number < later) return [`#${number} begun after #${later}`]
      return unfinished === undefined ? [] : [`#${number} begun before the end of #${unfinished}`]
    })
  }

  function endEarly(whole: readonly number[]): string[] {
    for (const number of whole) open.delete(number)
    const unfinished = Math.min(...open)
    return whole
      .filter((number) => number > unfinished)
      .map((number) => `#${number} ended before #${unfinished}`)
  }

  return {
    take(text, at) {
      const { found, of } = paragraphsIn(text)
      const numbers = numbersIn(text)
      const begun = numbers.filter((number) => !seen.has(number))
      const early = beginEarly(begun)
      let before: number | undefined
      for (const number of numbers)
        for (const paragraph of found) {
          const key = keyOf(number, paragraph)
          before ??= cameAt.get(key)
          if (paragraph > 1 && !cameAt.has(keyOf(number, paragraph - 1)))
            early.push(`#${number} paragraph ${paragraph}`)
          cameAt.set(key, at)
        }
      const whole = numbers.filter((number) => isWhole(number, of))
      early.push(...endEarly(whole))
      return { numbers: numbers.length, begun, whole, before, early, isLater: found[0] !== 1 }
    },
  }
}
