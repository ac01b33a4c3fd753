import type { Account } from '../model/conversation.ts'
import type { Clock } from '../model/time.ts'
import type { MessageReader, Waiting } from '../store/store.ts'

export interface StandingNeeds {
  store: { read: { messages: Pick<MessageReader, 'waiting'> } }
  /** Those running here: what is of another bot waits for it. */
  accounts: readonly Account[]
  /** How late this process comes to its work, in milliseconds. */
  delayMs: () => number
  /** Messages without an answer and replies not sent, of all processes together, with which no more are taken. */
  mostWaiting: number
  mostDelayMs: number
  mostOfChat: number
  clock: Clock
}

/** How much waits, cheap to ask at every message. */
export interface Standing {
  now(): { received: number; queued: number; delayMs: number }
  /** Whether this chat has as much waiting as it may. */
  isCrowded(chat: string): boolean
  /** Messages of these chats are about to be stored. */
  admitted(chats: readonly string[]): void
  /** So many of them are stored, or could not be. */
  settled(messages: number, stored: boolean): void
  close(): void
}

/** Between two counts while there is room, and while there is none, in milliseconds. */
const calmMs = 500
const fullMs = 50
/** Counting may take this part of the time, but a count that took long is not believed for longer than this, in milliseconds. */
const countShare = 0.05
const longestRestMs = 1000

/**
 * What was counted a moment ago and what this process has taken since. Counted again when somebody writes, and as long as
 * there is no room; never when nobody does.
 */
export function createStanding(needs: StandingNeeds): Standing {
  const { store, accounts, mostWaiting, mostDelayMs, mostOfChat, clock } = needs
  const tally = createTally()
  let counted: Waiting = { received: 0, queued: 0, crowded: [] }
  let crowded: ReadonlySet<string> = new Set()
  let delayMs = 0

  async function count(): Promise<void> {
    const seen = tally.mark()
    delayMs = needs.delayMs()
    counted = await store.read.messages.waiting(accounts, mostWaiting, mostOfChat, clock.now())
    crowded = new Set(counted.crowded)
    tally.forget(seen)
  }

  const received = (): number => counted.received + tally.since()
  const isFull = (): boolean => received() + counted.queued >= mostWaiting || delayMs > mostDelayMs
  const recount = createRecount(count, isFull)

  return {
    now() {
      recount.ifDue()
      return { received: received(), queued: counted.queued, delayMs }
    },
    isCrowded: (chat) => crowded.has(chat) || tally.ofChat(chat) >= mostOfChat,
    admitted(chats) {
      tally.add(chats)
      recount.whileFull()
    },
    settled: tally.settled,
    close: recount.close,
  }
}

/** What was taken since the last count, or was not stored yet when it began. */
function createTally() {
  let taken = 0
  let stored = 0
  let seen = 0
  let byChat = new Map<string, number>()
  return {
    since: () => taken - seen,
    ofChat: (chat: string) => byChat.get(chat) ?? 0,
    add(chats: readonly string[]): void {
      taken += chats.length
      for (const chat of chats) byChat.set(chat, (byChat.get(chat) ?? 0) + 1)
    },
    settled(messages: number, wasStored: boolean): void {
      if (wasStored) stored += messages
      else taken -= messages
    },
    /** A count begins: whatever is stored by now is in it. */
    mark(): number {
      byChat = new Map()
      return stored
    },
    forget(counted: number): void {
      seen = counted
    },
  }
}

/** Runs `count` now and then: never twice at once, more often while there is no room. */
function createRecount(count: () => Promise<void>, isFull: () => boolean) {
  let endedAt = Number.NEGATIVE_INFINITY
  let tookMs = 0
  let running = false
  let closed = false
  let timer: NodeJS.Timeout | undefined

  async function run(): Promise<void> {
    running = true
    const began = performance.now()
    // Where the database is away nothing is stored, and so nothing accepted.
    await count().catch(() => undefined)
    endedAt = performance.now()
    tookMs = endedAt - began
    running = false
    whileFull()
  }

  function ifDue(): void {
    const restMs = Math.max(isFull() ? fullMs : calmMs, Math.min(tookMs / countShare, longestRestMs))
    if (!running && !closed && performance.now() - endedAt >= restMs) void run()
  }

  /** When there is room again nobody may be writing any more: the next one must not be refused by an old count. */
  function whileFull(): void {
    if (closed || timer || !isFull()) return
    timer = setTimeout(() => {
      timer = undefined
      ifDue()
      whileFull()
    }, fullMs).unref()
  }

  return {
    ifDue,
    whileFull,
    close(): void {
      closed = true
      clearTimeout(timer)
    },
  }
}
