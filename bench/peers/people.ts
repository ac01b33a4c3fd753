import { messagesOfPerson, newChat, newNumber, updateOf } from './update.ts'
import type { Webhook } from './webhook.ts'

/** A message that was answered. */
export interface Heard {
  number: number
  /** When it was written and when its reply arrived, in milliseconds of this process's clock. */
  writtenAt: number
  heardAt: number
}

export interface People {
  /** The reply reached this chat. */
  heard(chat: number): void
  /** Replies so far. */
  count(): number
  stop(): void
}

interface Message {
  number: number
  /** Which of the person's messages it is. */
  turn: number
  at: number
}

/**
 * `seats` people who each write, wait for the reply and write again; after `messages` of them a new person comes. The
 * first come evenly within `withinMs`: who begins in step stays in step where the model takes its time.
 */
export function talk(
  webhook: Webhook,
  seats: number,
  onHeard: (heard: Heard) => void,
  {
    messages = messagesOfPerson,
    withinMs = 0,
  }: { messages?: number | undefined; withinMs?: number | undefined } = {},
): People {
  const written = new Map<number, Message>()
  let replies = 0
  let stopped = false

  function write(chat: number, turn: number): void {
    if (stopped) return
    const number = newNumber()
    written.set(chat, { number, turn, at: performance.now() })
    webhook.post(updateOf(chat, number))
  }

  // The first people are somewhere in their conversation already, so that not all leave at once.
  for (let seat = 0; seat < seats; seat += 1)
    setTimeout(write, (seat / seats) * withinMs, newChat(), 1 + (seat % messages))
  return {
    heard(chat) {
      const message = written.get(chat)
      if (!message) return
      written.delete(chat)
      replies += 1
      onHeard({ number: message.number, writtenAt: message.at, heardAt: performance.now() })
      if (message.turn < messages) write(chat, message.turn + 1)
      else write(newChat(), 1)
    },
    count: () => replies,
    stop() {
      stopped = true
    },
  }
}
