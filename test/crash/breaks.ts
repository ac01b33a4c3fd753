/** What broke when, and which replies that came again it explains. */
export interface Breaks {
  /** Something broke now, and until the function returned is called. */
  begin(): () => void
  explains(copy: Copy): boolean
  /** The breaks around a copy, in words, told from when it first came. */
  around(copy: Copy): string
  /** Of what it explained: how long before the break the first copy had come, in milliseconds; ascending. */
  ages(): number[]
}

/** A reply that came to a chat, and once more as the next thing there. */
export interface Copy {
  chat: string
  sentAt: number
  againAt: number
}

interface Break {
  from: number
  until: number
  /** Chats it explained a repeated reply in. */
  chats: Set<string>
}

/** A reply is recorded this long after it came, in milliseconds: who breaks later has nothing to say about it. */
const recordMs = 1000
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
  return {
    begin() {
      const begun: Break = { from: now(), until: Number.POSITIVE_INFINITY, chats: new Set() }
      breaks.push(begun)
      return () => {
        begun.until = now()
      }
    },
    explains({ chat, sentAt, againAt }) {
      const found = breaks.find(
        ({ from, until, chats }) =>
          sentAt > from - recordMs &&
          sentAt < until + travelMs &&
          againAt > from + pauseMs &&
          !chats.has(chat),
      )
      if (!found) return false
      found.chats.add(chat)
      ages.push(Math.max(0, found.from - sentAt))
      return true
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
