/** What the fake models say, made so that the witness knows a missing, doubled or exchanged piece of it. */

export const numbersIn = (text: string): number[] => [
  ...new Set([...text.matchAll(/#(\d+)/g)].map((match) => Number(match[1]))),
]

/** Which paragraphs of how many; of a short answer: the only one. */
export function paragraphsIn(text: string): { found: number[]; of: number } {
  const marks = [...text.matchAll(/\(paragraph (\d+) of (\d+)\)/g)]
  if (marks.length === 0) return { found: [1], of: 1 }
  return { found: marks.map((match) => Number(match[1])), of: Number(marks[0]?.[2]) }
}

/** Every how many questions are answered at length. */
const longEvery = 8
/** Three to a message of Telegram (4,096 characters), so that this makes three messages. */
const ofLong = 7
const paragraphLength = 1200

/** The answer to these questions, as a model streams it: of so many paragraphs, or of many for some of them. */
export function answerTo(
  numbers: readonly number[],
  paragraphs = (numbers[0] ?? 0) % longEvery === 0 ? ofLong : 1,
): string[] {
  const about = numbers.map((number) => `#${number}`).join(' ')
  const first = 'This is the whole answer, long enough to be sure of itself, to '
  if (paragraphs === 1) return [first, about, '.']
  const tokens = Array.from({ length: paragraphs }, (_, index) => {
    const text = `${index === 0 ? '' : '\n\nFurther to '}${about} (paragraph ${index + 1} of ${paragraphs})`
    return text.padEnd(paragraphLength, ' and so on')
  })
  return [first, ...tokens]
}
