import type { Heard, People } from './people.ts'
import { messagesOfPerson, newChat, newNumber, updateOf } from './update.ts'
import type { Webhook } from './webhook.ts'

export interface ArrivalOptions {
  /** Messages a second, whatever becomes of those before. */
  perSecond: number
  onHeard(heard: Heard): void
  /** The webhook's answer, in milliseconds since the message was due. */
  onAcknowledged?(ms: number): void
  /** Chats to write from, in turn; people who come and go when not set. */
  chats?: readonly number[]
}

export interface Arrivals extends People {
  /** Messages written so far. */
  written(): number
  /** Updates that were not taken. */
  refused(): number
}

/**
 * People who write at a fixed rate: a slow answer holds back nobody. Times count from when a message was due, so that
 * waiting for a connection, or this process being late, is not hidden.
 */
export function arrive(webhook: Webhook, options: ArrivalOptions): Arrivals {
  const { perSecond, onHeard, onAcknowledged } = options
  const crowd = options.chats ? regulars(options.chats) : passersBy()
  const open = new Map<number, { number: number; at: number }>()
  const began = performance.now()
  let written = 0
  let replies = 0
  let refused = 0

  function write(at: number): void {
    const chat = crowd.next()
    const number = newNumber()
    open.set(chat, { number, at })
    written += 1
    webhook.post(updateOf(chat, number), (status) => {
      if (status !== 200) refused += 1
      onAcknowledged?.(performance.now() - at)
    })
  }

  const timer = setInterval(() => {
    const now = performance.now()
    for (;;) {
      const due = began + (written * 1000) / perSecond
      if (due > now) return
      write(due)
    }
  }, 1)

  return {
    heard(chat) {
      const message = open.get(chat)
      if (!message) return
      open.delete(chat)
      replies += 1
      crowd.free(chat)
      onHeard({ number: message.number, writtenAt: message.at, heardAt: performance.now() })
    },
    count: () => replies,
    written: () => written,
    refused: () => refused,
    stop: () => clearInterval(timer),
  }
}

/** Who writes next; nobody writes again before having been answered. */
interface Crowd {
  next(): number
  free(chat: number): void
}

const regulars = (chats: readonly number[]): Crowd => {
  const idle = [...chats]
  return { next: () => idle.shift() ?? newChat(), free: (chat) => void idle.push(chat) }
}

/** Who has been answered ten times does not come back. */
function passersBy(): Crowd {
  const idle: number[] = []
  const said = new Map<number, number>()
  return {
    next() {
      const chat = idle.shift() ?? newChat()
      said.set(chat, (said.get(chat) ?? 0) + 1)
      return chat
    },
    free(chat) {
      if ((said.get(chat) ?? 0) < messagesOfPerson) idle.push(chat)
      else said.delete(chat)
    },
  }
}
