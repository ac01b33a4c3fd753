import type { Heard, People } from './people.ts'
import { newChat, newNumber, updateOf } from './update.ts'
import type { Webhook } from './webhook.ts'

export interface Flood extends People {
  /** Messages that were due, those delivered, and how they were answered. */
  counts(): FloodCounts
  /** Accepted and not answered by a reply yet. */
  owed(): number
}

export interface FloodCounts {
  due: number
  accepted: number
  /** 503 that say when to come again. */
  refused: number
  /** Anything else: there must be none. */
  wrong: number
  /** No connection was free: Telegram keeps such an update, and delivers it later. */
  kept: number
}

/** New people who write once each, so many a second, whatever becomes of those before; nobody tries again. */
export function flood(
  webhook: Webhook,
  perSecond: number,
  onHeard: (heard: Heard) => void = () => undefined,
): Flood {
  const open = new Map<number, { number: number; at: number }>()
  const counts: FloodCounts = { due: 0, accepted: 0, refused: 0, wrong: 0, kept: 0 }
  const began = performance.now()
  let replies = 0

  function write(): void {
    counts.due += 1
    if (webhook.free() === 0) {
      counts.kept += 1
      return
    }
    const [chat, number] = [newChat(), newNumber()]
    open.set(chat, { number, at: performance.now() })
    webhook.post(updateOf(chat, number), (status, head) => {
      if (status === 200) {
        counts.accepted += 1
        return
      }
      open.delete(chat)
      if (status === 503 && /^retry-after: [1-9]/im.test(head)) counts.refused += 1
      else counts.wrong += 1
    })
  }

  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1000) * perSecond
    while (counts.due < due) write()
  }, 1)

  return {
    heard(chat) {
      const message = open.get(chat)
      if (!message) return
      open.delete(chat)
      replies += 1
      onHeard({ number: message.number, writtenAt: message.at, heardAt: performance.now() })
    },
    count: () => replies,
    counts: () => ({ ...counts }),
    owed: () => open.size,
    stop: () => clearInterval(timer),
  }
}
