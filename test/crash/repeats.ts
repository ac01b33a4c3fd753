import { type Breaks, type Copy, createBreaks } from './breaks.ts'
import { quantile } from './counts.ts'

/** Replies that came again: how many, and which of them must not have. */
export interface Repeats {
  broke: Breaks['begin']
  shown: Breaks['shown']
  /** The next part of an answer came so long after the one before, in milliseconds: that was recorded in between. */
  followed(ms: number): void
  /** `isPlain`: it is what came last in the chat, of which a break may be the reason. */
  came(copy: Copy, text: string, isPlain: boolean): void
  report(): RepeatReport
}

export interface RepeatReport {
  /** Replies with something that had come before. */
  repeated: number
  /** Of those: which no break explains (`createBreaks`), or which are not the same as what came last in the chat. */
  unexplained: string[]
  /** Of the others: how long before the break the first copy had come, in milliseconds; ascending. */
  agesMs: number[]
  /** How long it took at most, for nine of ten replies, to send and record them; milliseconds. */
  recordedMs: number
}

/**
 * Where nobody tells what was recorded: before a mere kill a reply that comes again was sent so lately, in milliseconds; or so many times as long ago as
 * recording takes on a slow machine.
 */
const killedMs = 400
const killedTimes = 3

export function createRepeats(now: () => number): Repeats {
  const breaks = createBreaks(now)
  const gaps: number[] = []
  const unexplained: string[] = []
  const kills: { ageMs: number; what: string }[] = []
  let repeated = 0
  return {
    broke: breaks.begin,
    shown: breaks.shown,
    followed: (ms) => void gaps.push(ms),
    came(copy, text, isPlain) {
      repeated += 1
      const found = isPlain ? breaks.explain(copy) : undefined
      const after = `after ${Math.round(copy.againAt - copy.sentAt)} ms`
      const last = isPlain ? '' : 'not what came last; '
      const what = `${copy.chat} ${text.slice(0, 120)} ${after}; ${last}${breaks.around(copy)}`
      if (!found) unexplained.push(what)
      else if (found.isMereKill) kills.push({ ageMs: found.ageMs, what })
    },
    report() {
      const recordedMs = quantile(gaps, 0.9)
      const mostMs = Math.max(killedMs, killedTimes * recordedMs)
      const early = kills.filter(({ ageMs }) => ageMs > mostMs).map(({ what }) => what)
      return { repeated, unexplained: [...unexplained, ...early], agesMs: breaks.ages(), recordedMs }
    },
  }
}
