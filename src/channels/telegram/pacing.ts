import type { Clock } from '../../model/time.ts'
import type { Destination } from '../channel.ts'

/** Sends allowed: a second to one chat, a minute to one group, a second to all. 0 is no limit. */
export interface Rate {
  perChat: number
  perGroupMinute: number
  overall: number
}

/** Keeps sends under Telegram's limits, so that it need not answer 429. Per process. */
export interface Pacing {
  /** 0 when this send may go now, and then it counts; otherwise how long to wait, in milliseconds. */
  ask(destination: Pick<Destination, 'chatId' | 'kind'>): number
}

/** A short burst in one chat is tolerated: three seconds' worth at once. */
const burstSeconds = 3
/** Windows are this much longer than Telegram's: its clock and ours differ by the way. */
const margin = 1.05
const mostChats = 10_000

export function createPacing(rate: Rate, clock: Clock): Pacing {
  const off = rate.perChat === 0 && rate.perGroupMinute === 0 && rate.overall === 0
  const overall = createWindow(rate.overall, 1000)
  const chats = new Map<string, Window[]>()
  let turnedAway = 0

  function windowsOf({ chatId, kind }: Pick<Destination, 'chatId' | 'kind'>): Window[] {
    const known = chats.get(chatId)
    const windows = known ?? [
      createWindow(Math.ceil(rate.perChat * burstSeconds), burstSeconds * 1000),
      createWindow(kind === 'group' ? rate.perGroupMinute : 0, 60_000),
    ]
    if (known) chats.delete(chatId)
    else if (chats.size >= mostChats) forget(chats)
    chats.set(chatId, windows)
    return windows
  }

  return {
    ask(destination) {
      if (off) return 0
      const now = clock.now()
      const own = windowsOf(destination)
      const chatWait = Math.max(...own.map((window) => window.wait(now)))
      if (chatWait > 0) return chatWait
      const wait = overall.wait(now)
      if (wait > 0) {
        // Who is turned away comes back in turn, not all at once.
        turnedAway = Math.min(turnedAway + 1, rate.overall * 30)
        return wait + Math.floor((turnedAway * 1000 * margin) / rate.overall)
      }
      turnedAway = Math.max(0, turnedAway - 1)
      for (const window of [...own, overall]) window.count(now)
      return 0
    },
  }
}

/** Forgets the chat that was quiet longest; maps keep the order of insertion. */
function forget(chats: Map<string, Window[]>): void {
  const [oldest] = chats.keys()
  if (oldest !== undefined) chats.delete(oldest)
}

interface Window {
  /** Milliseconds until one more fits. */
  wait(now: number): number
  count(now: number): void
}

/** At most `count` in any `ms` milliseconds; 0 is no limit. */
function createWindow(count: number, ms: number): Window {
  const times: number[] = []
  let next = 0
  return {
    wait(now) {
      const oldest = times[next]
      return count === 0 || oldest === undefined ? 0 : Math.max(0, Math.ceil(oldest + ms * margin - now))
    },
    count(now) {
      if (count === 0) return
      times[next] = now
      next = (next + 1) % count
    },
  }
}
