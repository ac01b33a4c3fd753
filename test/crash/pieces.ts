import { numbersIn, paragraphsIn } from './answers.ts'

/** What a reply brought. */
export interface Taken {
  /** How many questions it is about. */
  numbers: number
  /** Those of which everything has come with it. */
  whole: number[]
  /** When something of it came last; `undefined`: never. */
  before: number | undefined
  /** Paragraphs that came without the one before. */
  early: string[]
  /** It begins with another paragraph than the first. */
  isLater: boolean
}

/** Every paragraph of every answer, and when it came. */
export function createPieces(): { take(text: string, at: number): Taken } {
  const cameAt = new Map<string, number>()
  const keyOf = (number: number, paragraph: number): string => `${number}/${paragraph}`
  const isWhole = (number: number, of: number): boolean =>
    Array.from({ length: of }, (_, index) => keyOf(number, index + 1)).every((key) => cameAt.has(key))
  return {
    take(text, at) {
      const { found, of } = paragraphsIn(text)
      const numbers = numbersIn(text)
      const early: string[] = []
      const fresh = new Set<number>()
      let before: number | undefined
      for (const number of numbers)
        for (const paragraph of found) {
          const key = keyOf(number, paragraph)
          const came = cameAt.get(key)
          before ??= came
          if (came === undefined) fresh.add(number)
          if (paragraph > 1 && !cameAt.has(keyOf(number, paragraph - 1)))
            early.push(`#${number} paragraph ${paragraph}`)
          cameAt.set(key, at)
        }
      const whole = [...fresh].filter((number) => isWhole(number, of))
      return { numbers: numbers.length, whole, before, early, isLater: found[0] !== 1 }
    },
  }
}
