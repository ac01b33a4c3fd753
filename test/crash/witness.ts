import type { Broken } from './breaks.ts'
import { createPieces, type Pieces } from './pieces.ts'
import { createRepeats, type RepeatReport } from './repeats.ts'

/** What was asked and what came back, kept outside of the product. */
export interface Witness {
  /** The next question of this chat: its text carries a number nobody else has. */
  ask(chat: string): string
  /**
   * A reply that reached the chat, now or `at`, by the platform's `id`; where it comes `exactly` once, nothing explains a
   * second copy.
   */
  heard(chat: string, text: string, how?: { at?: number; id?: number; exactly?: boolean }): void
  /** Questions without a whole answer: of this chat, or of all. */
  missing(chat?: string): number
  /** How many questions there are. */
  asked(): number
  /** Of the replies: how many came twice, and how many must not have come at all. */
  oddities(): { repeated: number; wrong: number }
  /** The highest number answered. */
  newest(): number
  /** What sends or records broke now, and until the function returned is called: replies in flight may come twice. */
  broke(what?: Broken): () => void
  /** Replies the database shows as sent, by the ids of the platform: these may not come again, whatever breaks from now on. */
  shown(recorded: Iterable<number>): void
  /** Something was killed or came back: it is told how long the questions asked until now wait for their answers. */
  waits(): void
  report(): Report
}

export interface Report extends RepeatReport {
  asked: number
  /** Questions whose number no reply carries, or not every paragraph of the answer. */
  lost: string[]
  /** Replies that brought the middle or the end of a long answer. */
  laterParts: number
  /** Replies without a number: something else was answered than what was asked. */
  evasive: string[]
  /** Answers that began or ended before their turn in the chat, and paragraphs that came before the one before. */
  disordered: string[]
  /** Numbers answered in a chat that did not ask them. */
  misdirected: string[]
  /** After each kill or return: when all that had been asked by then was answered, in milliseconds; ascending. */
  recoveryMs: number[]
}

/** What was asked in one chat, and what came. */
interface Chat {
  asked: number[]
  /** Numbers of which something came, and everything. */
  begun: number[]
  whole: Set<number>
  pieces: Pieces
  last: { text: string; at: number; id: number | undefined } | undefined
}

export function createWitness(now: () => number = () => performance.now()): Witness {
  const chats = new Map<string, Chat>()
  const answered = new Set<number>()
  const recoveries = createRecoveries(answered, now)
  const repeats = createRepeats(now)
  const report = emptyReport()
  let total = 0
  let newest = 0

  return {
    ask(name) {
      total += 1
      chatIn(chats, name).asked.push(total)
      return `question #${total}`
    },
    heard(name, text, { at = now(), id, exactly = false } = {}) {
      const chat = chatIn(chats, name)
      const taken = chat.pieces.take(text, at)
      if (taken.numbers === 0) report.evasive.push(`${name} ${text.slice(0, 60)}`)
      if (taken.isLater) report.laterParts += 1
      report.disordered.push(...taken.early.map((what) => `${name} ${what}`))
      chat.begun.push(...taken.begun)
      for (const number of taken.whole) {
        chat.whole.add(number)
        answered.add(number)
        newest = Math.max(newest, number)
      }
      recoveries.look()
      const { last } = chat
      chat.last = { text, at, id }
      const { before } = taken
      if (before !== undefined)
        repeats.came(
          { chat: name, id: last?.id, sentAt: before, againAt: at },
          text,
          !exactly && last?.text === text,
        )
      else if (last && taken.isLater && !exactly) repeats.followed(at - last.at)
    },
    missing(name) {
      if (name === undefined) return total - answered.size
      const chat = chats.get(name)
      return chat ? chat.asked.length - chat.whole.size : 0
    },
    asked: () => total,
    oddities() {
      const { repeated, unexplained } = repeats.report()
      return { repeated, wrong: unexplained.length + report.evasive.length + report.disordered.length }
    },
    newest: () => newest,
    broke: repeats.broke,
    shown: repeats.shown,
    waits: () => recoveries.from(total),
    report() {
      const judged = { ...structuredClone(report), ...repeats.report(), recoveryMs: recoveries.ascending() }
      judged.asked = total
      for (const [name, chat] of chats) judgeChat(name, chat, judged)
      return judged
    },
  }
}

function chatIn(chats: Map<string, Chat>, name: string): Chat {
  const chat = chats.get(name) ?? {
    asked: [],
    begun: [],
    whole: new Set(),
    pieces: createPieces(),
    last: undefined,
  }
  chats.set(name, chat)
  return chat
}

const emptyReport = (): Omit<Report, keyof RepeatReport> => ({
  asked: 0,
  lost: [],
  laterParts: 0,
  evasive: [],
  disordered: [],
  misdirected: [],
  recoveryMs: [],
})

/** How long what had been asked by some time waited. Numbers rise, so the lowest unanswered one tells. */
function createRecoveries(answered: ReadonlySet<number>, now: () => number) {
  const waiting: { upTo: number; at: number }[] = []
  const took: number[] = []
  let lowest = 1
  return {
    from(upTo: number): void {
      waiting.push({ upTo, at: now() })
    },
    look(): void {
      while (answered.has(lowest)) lowest += 1
      while (waiting[0] && waiting[0].upTo < lowest) took.push(now() - (waiting.shift()?.at ?? 0))
    },
    ascending: () => took.toSorted((a, b) => a - b),
  }
}

function judgeChat(name: string, { asked, begun, whole }: Chat, report: Report): void {
  const own = new Set(asked)
  report.lost.push(...asked.filter((number) => !whole.has(number)).map((number) => `${name} #${number}`))
  report.misdirected.push(...begun.filter((number) => !own.has(number)).map((number) => `${name} #${number}`))
}
