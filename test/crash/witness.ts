/** What was asked and what came back, kept outside of the product. */
export interface Witness {
  /** The next question of this chat: its text carries a number nobody else has. */
  ask(chat: string): string
  /** A reply that reached the chat; where it comes `exactly` once, nothing explains a second copy. */
  heard(chat: string, text: string, exactly?: boolean): void
  /** Questions without an answer: of this chat, or of all. */
  missing(chat?: string): number
  /** How many questions there are. */
  asked(): number
  /** Of the replies: how many came twice, and how many must not have come at all. */
  oddities(): { repeated: number; wrong: number }
  /** The highest number answered. */
  newest(): number
  /** Something broke now, and until the function returned is called: replies in flight meanwhile may come twice. */
  broke(): () => void
  /** A process was killed: it is told how long the questions asked until now wait for their answers. */
  killed(): void
  report(): Report
}

export interface Report {
  asked: number
  /** Questions whose number no reply carries. */
  lost: string[]
  /** Replies with a number that was answered before. */
  repeated: number
  /** Of those: which nothing that broke explains, or more than one a chat for the same break. */
  unexplained: string[]
  /** Replies without a number: something else was answered than what was asked. */
  evasive: string[]
  /** Numbers first answered after a later one of the same chat. */
  disordered: string[]
  /** Numbers answered in a chat that did not ask them. */
  misdirected: string[]
  /** After each kill: when all that had been asked by then was answered, in milliseconds; ascending. */
  recoveryMs: number[]
}

export const numbersIn = (text: string): number[] =>
  [...text.matchAll(/#(\d+)/g)].map((match) => Number(match[1]))

interface Break {
  from: number
  until: number
  /** Chats it explained a repeated reply in. */
  chats: Set<string>
}

/**
 * A reply sent this long before something broke may not have been recorded yet, in milliseconds: longer than that a
 * process that has the time to renew its leases is never behind.
 */
const recordMs = 5000

export function createWitness(now: () => number = () => performance.now()): Witness {
  const asked = new Map<string, number[]>()
  /** When each number was last answered. */
  const answers = new Map<number, number>()
  const heardIn = new Map<string, number[]>()
  const unanswered = new Map<string, number>()
  const recoveries = createRecoveries(answers, now)
  const breaks = createBreaks(now)
  const report: Report = emptyReport()
  let total = 0
  let newest = 0

  function first(chat: string, number: number): void {
    newest = Math.max(newest, number)
    const own = heardIn.get(chat) ?? []
    heardIn.set(chat, own)
    own.push(number)
    unanswered.set(chat, (unanswered.get(chat) ?? 0) - 1)
  }

  return {
    ask(chat) {
      total += 1
      const own = asked.get(chat) ?? []
      asked.set(chat, own)
      own.push(total)
      unanswered.set(chat, (unanswered.get(chat) ?? 0) + 1)
      return `question #${total}`
    },
    heard(chat, text, exactly = false) {
      const numbers = numbersIn(text)
      if (numbers.length === 0) report.evasive.push(`${chat} ${text.slice(0, 60)}`)
      const before = numbers.map((number) => answers.get(number)).find((at) => at !== undefined)
      for (const number of numbers) {
        if (!answers.has(number)) first(chat, number)
        answers.set(number, now())
      }
      recoveries.look()
      if (before === undefined) return
      report.repeated += 1
      if (!exactly && breaks.explains(before, chat)) return
      report.unexplained.push(`${chat} ${text.slice(-40)} after ${Math.round(now() - before)} ms`)
    },
    missing: (chat) => (chat === undefined ? total - answers.size : (unanswered.get(chat) ?? 0)),
    asked: () => total,
    oddities: () => ({
      repeated: report.repeated,
      wrong: report.unexplained.length + report.evasive.length,
    }),
    newest: () => newest,
    broke: breaks.begin,
    killed: () => recoveries.killed(total),
    report() {
      const judged = { ...structuredClone(report), asked: total, recoveryMs: recoveries.ascending() }
      for (const [chat, own] of asked) judgeChat(chat, own, heardIn.get(chat) ?? [], judged)
      return judged
    },
  }
}

const emptyReport = (): Report => ({
  asked: 0,
  lost: [],
  repeated: 0,
  unexplained: [],
  evasive: [],
  disordered: [],
  misdirected: [],
  recoveryMs: [],
})

/** What broke when, and which repeated replies that explains: one a chat and break. */
function createBreaks(now: () => number) {
  const breaks: Break[] = []
  return {
    begin(): () => void {
      const begun: Break = { from: now(), until: Number.POSITIVE_INFINITY, chats: new Set() }
      breaks.push(begun)
      return () => {
        begun.until = now()
      }
    },
    explains(sentAt: number, chat: string): boolean {
      const found = breaks.find(
        ({ from, until, chats }) => sentAt > from - recordMs && sentAt < until + recordMs && !chats.has(chat),
      )
      found?.chats.add(chat)
      return found !== undefined
    },
  }
}

/** How long what had been asked at a kill waited. Numbers rise, so the lowest unanswered one tells. */
function createRecoveries(answers: ReadonlyMap<number, number>, now: () => number) {
  const waiting: { upTo: number; at: number }[] = []
  const took: number[] = []
  let lowest = 1
  return {
    killed(upTo: number): void {
      waiting.push({ upTo, at: now() })
    },
    look(): void {
      while (answers.has(lowest)) lowest += 1
      while (waiting[0] && waiting[0].upTo < lowest) took.push(now() - (waiting.shift()?.at ?? 0))
    },
    ascending: () => took.toSorted((a, b) => a - b),
  }
}

function judgeChat(chat: string, asked: number[], heard: number[], report: Report): void {
  const answered = new Set(heard)
  const own = new Set(asked)
  report.lost.push(...asked.filter((number) => !answered.has(number)).map((number) => `${chat} #${number}`))
  report.misdirected.push(...heard.filter((number) => !own.has(number)).map((number) => `${chat} #${number}`))
  heard.forEach((number, index) => {
    if (index > 0 && number < (heard[index - 1] ?? 0)) report.disordered.push(`${chat} #${number}`)
  })
}
