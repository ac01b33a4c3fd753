/** What was asked and what came back, kept outside of the product. */
export interface Witness {
  /** The next question of this chat: its text carries a number nobody else has. */
  ask(chat: string): string
  /** A reply that reached the chat. */
  heard(chat: string, text: string): void
  missing(): number
  report(): Report
}

export interface Report {
  asked: number
  /** Questions whose number no reply carries. */
  lost: string[]
  /** Replies that came more than once. */
  repeated: number
  /** Numbers first answered after a later one of the same chat. */
  disordered: string[]
  /** Numbers answered in a chat that did not ask them. */
  misdirected: string[]
}

export const numbersIn = (text: string): number[] =>
  [...text.matchAll(/#(\d+)/g)].map((match) => Number(match[1]))

export function createWitness(): Witness {
  const asked = new Map<string, number[]>()
  const heard = new Map<string, number[]>()
  const replies = new Map<string, string[]>()
  const answered = new Set<number>()
  let count = 0
  return {
    ask(chat) {
      count += 1
      asked.set(chat, [...(asked.get(chat) ?? []), count])
      return `question #${count}`
    },
    heard(chat, text) {
      const numbers = numbersIn(text)
      replies.set(chat, [...(replies.get(chat) ?? []), text])
      heard.set(chat, [...(heard.get(chat) ?? []), ...numbers])
      for (const number of numbers) answered.add(number)
    },
    missing: () => count - answered.size,
    report() {
      const report: Report = { asked: count, lost: [], repeated: 0, disordered: [], misdirected: [] }
      for (const [chat, numbers] of asked) judgeChat(chat, numbers, heard.get(chat) ?? [], report)
      for (const texts of replies.values()) report.repeated += texts.length - new Set(texts).size
      return report
    },
  }
}

function judgeChat(chat: string, asked: number[], heard: number[], report: Report): void {
  const first = [...new Set(heard)]
  const own = new Set(asked)
  report.lost.push(...asked.filter((number) => !first.includes(number)).map((number) => `${chat} #${number}`))
  report.misdirected.push(...first.filter((number) => !own.has(number)).map((number) => `${chat} #${number}`))
  first.forEach((number, index) => {
    if (index > 0 && number < (first[index - 1] ?? 0)) report.disordered.push(`${chat} #${number}`)
  })
}
