import { createBreaks } from './breaks.ts'
import { createPieces } from './pieces.ts'

/** What was asked and what came back, kept outside of the product. */
export interface Witness {
  /** The next question of this chat: its text carries a number nobody else has. */
  ask(chat: string): string
  /** A reply that reached the chat, now or `at`; where it comes `exactly` once, nothing explains a second copy. */
  heard(chat: string, text: string, how?: { at?: number; exactly?: boolean }): void
  /** Questions without a whole answer: of this chat, or of all. */
  missing(chat?: string): number
  /** How many questions there are. */
  asked(): number
  /** Of the replies: how many came twice, and how many must not have come at all. */
  oddities(): { repeated: number; wrong: number }
  /** The highest number answered. */
  newest(): number
  /** What sends or records broke now, and until the function returned is called: replies in flight may come twice. */
  broke(): () => void
  /** A process was killed: it is told how long the questions asked until now wait for their answers. */
  killed(): void
  report(): Report
}

export interface Report {
  asked: number
  /** Questions whose number no reply carries, or not every paragraph of the answer. */
  lost: string[]
  /** Replies with something that had come before. */
  repeated: number
  /** Of those: which no break explains (`createBreaks`), or which are not the same as what came last in the chat. */
  unexplained: string[]
  /** Of the others: how long before the break the first copy had come, in milliseconds; ascending. */
  agesMs: number[]
  /** Replies that brought the middle or the end of a long answer. */
  laterParts: number
  /** Replies without a number: something else was answered than what was asked. */
  evasive: string[]
  /** Numbers first answered after a later one of the same chat, and paragraphs that came before the one before. */
  disordered: string[]
  /** Numbers answered in a chat that did not ask them. */
  misdirected: string[]
  /** After each kill: when all that had been asked by then was answered, in milliseconds; ascending. */
  recoveryMs: number[]
}

export function createWitness(now: () => number = () => performance.now()): Witness {
  const asked = new Map<string, number[]>()
  const answered = new Set<number>()
  const heardIn = new Map<string, number[]>()
  const unanswered = new Map<string, number>()
  const pieces = createPieces()
  const lastIn = new Map<string, string>()
  const recoveries = createRecoveries(answered, now)
  const breaks = createBreaks(now)
  const report: Report = emptyReport()
  let total = 0
  let newest = 0

  function whole(chat: string, number: number): void {
    answered.add(number)
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
    heard(chat, text, { at = now(), exactly = false } = {}) {
      const taken = pieces.take(text, at)
      if (taken.numbers === 0) report.evasive.push(`${chat} ${text.slice(0, 60)}`)
      if (taken.isLater) report.laterParts += 1
      report.disordered.push(...taken.early.map((what) => `${chat} ${what}`))
      for (const number of taken.whole) whole(chat, number)
      recoveries.look()
      const last = lastIn.get(chat)
      lastIn.set(chat, text)
      if (taken.before === undefined) return
      report.repeated += 1
      const copy = { chat, sentAt: taken.before, againAt: at }
      if (!exactly && last === text && breaks.explains(copy)) return
      const after = `after ${Math.round(at - taken.before)} ms`
      report.unexplained.push(`${chat} ${text.slice(0, 120)} ${after}; ${breaks.around(copy)}`)
    },
    missing: (chat) => (chat === undefined ? total - answered.size : (unanswered.get(chat) ?? 0)),
    asked: () => total,
    oddities: () => ({
      repeated: report.repeated,
      wrong: report.unexplained.length + report.evasive.length,
    }),
    newest: () => newest,
    broke: breaks.begin,
    killed: () => recoveries.killed(total),
    report() {
      const times = { recoveryMs: recoveries.ascending(), agesMs: breaks.ages() }
      const judged = { ...structuredClone(report), asked: total, ...times }
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
  agesMs: [],
  laterParts: 0,
  evasive: [],
  disordered: [],
  misdirected: [],
  recoveryMs: [],
})

/** How long what had been asked at a kill waited. Numbers rise, so the lowest unanswered one tells. */
function createRecoveries(answered: ReadonlySet<number>, now: () => number) {
  const waiting: { upTo: number; at: number }[] = []
  const took: number[] = []
  let lowest = 1
  return {
    killed(upTo: number): void {
      waiting.push({ upTo, at: now() })
    },
    look(): void {
      while (answered.has(lowest)) lowest += 1
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
