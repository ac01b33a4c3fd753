import { tooMany } from './refusal.ts'

/** Send limits of the Bot API (FAQ, "My bot is hitting limits"); `undefined` is no limit. */
export interface Limits {
  /** A second in one chat; a burst of five times as many is tolerated. */
  perChat: number | undefined
  /** A minute in one group. */
  perGroupMinute: number | undefined
  /** A second in all chats. */
  overall: number | undefined
}

export const telegramLimits: Limits = { perChat: 1, perGroupMinute: 20, overall: 30 }
export const noLimits: Limits = { perChat: undefined, perGroupMinute: undefined, overall: undefined }

/** Keeps the limits of one bot. After a 429 the whole bot is blocked; who sends nevertheless is counted. */
export interface Limiter {
  limits: Limits
  /** Calls made before the `retry_after` they had been told was over. */
  violations: number
  /** Refuses every send, or every one to this chat, for so many seconds from now. */
  block(seconds: number, chatId?: string): void
  /** Throws a 429 when this send is too many. */
  check(chatId: string, group: boolean): void
}

/** Calls made before the answer to another could be read, and timers that fire early. Milliseconds. */
const underWayMs = 300
const timerMs = 20

interface Block {
  until: number
  /** When the client was first told; what is on its way for a moment after cannot know yet. */
  toldAt: number
}

export function createLimiter(limits: Limits, now: () => number): Limiter {
  const sends = new Map<string, number[]>()
  /** By chat; the whole bot under the empty name. */
  const blocks = new Map<string, Block>()
  const wait = (key: string, count: number | undefined, ms: number): number => {
    if (count === undefined) return 0
    const times = (sends.get(key) ?? []).filter((time) => now() - time < ms)
    sends.set(key, times)
    return times.length < count ? 0 : (times[times.length - count] ?? 0) + ms - now()
  }
  const refuseBlocked = (chatId: string): void => {
    const block = blocks.get(chatId)
    if (!block || now() >= block.until) return
    if (now() > block.toldAt + underWayMs && now() < block.until - timerMs) limiter.violations += 1
    block.toldAt = Math.min(block.toldAt, now())
    throw tooMany(Math.max(1, Math.ceil((block.until - now()) / 1000)))
  }
  const limiter: Limiter = {
    limits,
    violations: 0,
    block(seconds, chatId = '') {
      blocks.set(chatId, { until: now() + seconds * 1000, toldAt: Number.POSITIVE_INFINITY })
    },
    check(chatId, group) {
      refuseBlocked('')
      refuseBlocked(chatId)
      const { perChat, perGroupMinute, overall } = limiter.limits
      if (perChat === undefined && perGroupMinute === undefined && overall === undefined) return
      const longest = Math.max(
        wait(chatId, perChat === undefined ? undefined : perChat * 5, 5000),
        group ? wait(`group ${chatId}`, perGroupMinute, 60_000) : 0,
        wait('', overall, 1000),
      )
      if (longest > 0) {
        const seconds = Math.ceil(longest / 1000)
        blocks.set('', { until: now() + seconds * 1000, toldAt: now() })
        throw tooMany(seconds)
      }
      for (const key of [chatId, `group ${chatId}`, '']) sends.get(key)?.push(now())
    },
  }
  return limiter
}
