/** What broke when, and which replies that came again it explains. */
export interface Breaks {
  /** Something broke now, and until the function returned is called. */
  begin(what?: Broken): () => void
  /** The break that explains it, if one does. */
  explain(copy: Copy): Explanation | undefined
  /** The breaks around a copy, in words, told from when it first came. */
  around(copy: Copy): string
  /** Of what it explained: how long before the break the first copy had come, in milliseconds; ascending. */
  ages(): number[]
}

export interface Broken {
  /** Only a process was killed. */
  isProcess?: boolean
  /** Replies the database showed as sent when it broke: it must still know that when it is back. */
  recorded?: ReadonlySet<number>
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
  /** A process was killed while nothing else kept replies from being recorded. */
  isMereKill: boolean
}

interface Break {
  from: number
  until: number
  isProcess: boolean
  recorded: ReadonlySet<number>
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

/**
 * A lane sends one reply at a time and the next only when that is recorded. So a break explains the one reply of each chat
 * that was under way then, when it comes again later; not two that came on the same side of it.
 */
export function createBreaks(now: () => number): Breaks {
  const breaks: Break[] = []
  const ages: number[] = []
  const isHeldUp = (sentAt: number, killedAt: number): boolean =>
    breaks.some((one) => !one.isProcess && one.from < killedAt && one.until > sentAt - aftermathMs)
  return {
    begin({ isProcess = false, recorded = new Set<number>() } = {}) {
      const begun = {
        from: now(),
        until: Number.POSITIVE_INFINITY,
        isProcess,
        recorded,
        chats: new Set<string>(),
      }
      breaks.push(begun)
      return () => {
        begun.until = now()
      }
    },
    explain({ chat, id, sentAt, againAt }) {
      const found = breaks.find(
        ({ from, until, recorded, chats }) =>
          sentAt > from - recordMs &&
          sentAt < until + travelMs &&
          againAt > from + pauseMs &&
          !chats.has(chat) &&
          !(id !== undefined && recorded.has(id)),
      )
      if (!found) return undefined
      found.chats.add(chat)
      const ageMs = Math.max(0, found.from - sentAt)
      ages.push(ageMs)
      return { ageMs, isMereKill: found.isProcess && !isHeldUp(sentAt, found.from) }
    },
    around({ sentAt, againAt }) {
      const near = breaks.filter(({ from, until }) => until > sentAt - 2000 && from < againAt)
      const list = near.map(
        ({ from, until }) => `${Math.round(from - sentAt)} to ${Math.round(until - sentAt)}`,
      )
      return `breaks: ${list.length === 0 ? 'none' : list.join(', ')} ms`
    },
    ages: () => ages.toSorted((a, b) => a - b),
  }
}
