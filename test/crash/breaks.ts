/** What broke when, and which replies that came again it explains. */
export interface Breaks {
  /** Something broke now, and until the function returned is called. */
  begin(what?: Broken): () => void
  /** Replies the database shows as sent, by ids no other chat has: from now on no break explains a copy of these. */
  shown(recorded: Iterable<number>): void
  /** The break that explains it, if one does. */
  explain(copy: Copy): Explanation | undefined
  /** What there is to know of a copy that nothing explains, in words; breaks are told from when it first came. */
  around(copy: Copy): string
  /** Of what it explained: how long before the break the first copy had come, in milliseconds; ascending. */
  ages(): number[]
}

export interface Broken {
  /** Only a process was killed. */
  isProcess?: boolean
  /** Nothing got lost, it only took longer: that explains nothing by itself, but a break may come as much later. */
  isSlow?: boolean
  /** What had been recorded by then is told by `shown`. */
  isShown?: boolean
}

/** A reply that came to a chat, and once more as the next thing there. */
export interface Copy {
  chat: string
  /** Of the first one, where it is known. */
  id: number | undefined
  sentAt: number
  againAt: number
}

export interface Explanation {
  /** How long before the break the first copy had come, in milliseconds. */
  ageMs: number
  /** A process was killed while nothing else kept replies from being recorded, and nobody tells which were. */
  isMereKill: boolean
}

interface Break {
  from: number
  until: number
  isProcess: boolean
  isSlow: boolean
  isShown: boolean
  /** Chats it explained a repeated reply in. */
  chats: Set<string>
}

/** A reply is recorded this long after it came, in milliseconds: who breaks later has nothing to say about it. */
const recordMs = 1000
/** So long after the end of a break a reply may wait to be recorded: for another try, a connection. Milliseconds. */
const aftermathMs = 2000
/** What had left before the break may arrive so long after it, in milliseconds. */
const travelMs = 250
/** Nobody sends again at once: a lease lapses, a process starts, a pause ends. Milliseconds after the break. */
const pauseMs = 500
/** Who sends again does so at most so long after the break, while nothing but processes is broken. Milliseconds. */
const latestMs = 30_000

/**
 * A lane sends one reply at a time and the next only when that is recorded. So a break explains the one reply of each chat
 * that was under way then, when it comes again later; not two that came on the same side of it.
 */
export function createBreaks(now: () => number): Breaks {
  const breaks: Break[] = []
  const recorded = new Set<number>()
  const ages: number[] = []
  const isHeldUp = (sentAt: number, killedAt: number): boolean =>
    breaks.some((one) => !one.isProcess && one.from < killedAt && one.until > sentAt - aftermathMs)
  /** How long of this time there was such a break, in milliseconds. */
  const lasted = (from: number, until: number, isOne: (one: Break) => boolean): number => {
    let sum = 0
    let counted = from
    for (const one of breaks.filter(isOne)) {
      const [begin, end] = [Math.max(one.from, counted), Math.min(one.until, until)]
      if (end <= begin) continue
      sum += end - begin
      counted = end
    }
    return sum
  }
  const slowMs = (from: number, until: number): number => lasted(from, until, ({ isSlow }) => isSlow)
  const awayMs = (from: number, until: number): number => lasted(from, until, ({ isSlow }) => !isSlow)
  return {
    begin({ isProcess = false, isSlow = false, isShown = false } = {}) {
      const until = Number.POSITIVE_INFINITY
      const begun = { from: now(), until, isProcess, isSlow, isShown, chats: new Set<string>() }
      breaks.push(begun)
      return () => {
        begun.until = now()
      }
    },
    shown(ids) {
      for (const id of ids) recorded.add(id)
    },
    explain({ chat, id, sentAt, againAt }) {
      if (id !== undefined && recorded.has(id)) return undefined
      const possible = breaks.filter(
        ({ from, until, isSlow, chats }) =>
          !isSlow &&
          sentAt < until + travelMs &&
          againAt > from + pauseMs &&
          sentAt > from - recordMs - slowMs(sentAt, from) &&
          againAt - until - awayMs(until, againAt) < latestMs &&
          !chats.has(chat),
      )
      // The one that lasts longest is kept for what comes later in this chat.
      const [found] = possible.toSorted((a, b) => a.until - b.until)
      if (!found) return undefined
      found.chats.add(chat)
      const ageMs = Math.max(0, found.from - sentAt)
      ages.push(ageMs)
      return { ageMs, isMereKill: found.isProcess && !found.isShown && !isHeldUp(sentAt, found.from) }
    },
    around({ chat, id, sentAt, againAt }) {
      const near = breaks.filter(({ from, until }) => until > sentAt - 2000 && from < againAt)
      const list = near.map(({ from, until, isSlow, chats }) => {
        const why = isSlow ? ' (slow)' : chats.has(chat) ? ' (explains another)' : ''
        return `${Math.round(from - sentAt)} to ${Math.round(until - sentAt)}${why}`
      })
      const shown = id !== undefined && recorded.has(id) ? 'shown as sent; ' : ''
      return `${shown}breaks: ${list.length === 0 ? 'none' : list.join(', ')} ms`
    },
    ages: () => ages.toSorted((a, b) => a - b),
  }
}
