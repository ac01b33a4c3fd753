import type { Destination } from '../channel.ts'

/** Sends allowed: a second to one chat, a minute to one group, a second to all. 0 is no limit. */
export interface Rate {
  perChat: number
  perGroupMinute: number
  overall: number
}

/** What all processes of a bot may send together. */
export interface Pace {
  /** Takes one of each, at most `count` in any `ms` milliseconds; otherwise takes nothing and tells what lacks longest. */
  take(
    allowances: readonly { key: string; count: number; ms: number }[],
  ): Promise<{ key: string; ms: number; closed: boolean } | undefined>
  /** Nobody takes of this key for so long, in milliseconds. */
  close(key: string, ms: number): Promise<void>
}

/** Keeps sends under Telegram's limits, so that it need not answer 429, and where it did keeps all processes waiting. */
export interface Pacing {
  /** `undefined` when this send may go now, and then it counts; otherwise how long to wait, in milliseconds. */
  ask(
    destination: Pick<Destination, 'chatId' | 'kind'>,
  ): Promise<{ ms: number; scope: 'chat' | 'account' } | undefined>
  /** Telegram told the bot to wait, in this chat alone where one is named. */
  close(ms: number, chatId?: string): void
  /** Whether a draft may go now, and then it counts; one that may not is not worth waiting. */
  askDraft(): Promise<boolean>
  /** Telegram told the bot to wait with drafts: replies go on. */
  closeDrafts(ms: number): void
}

/** A short burst in one chat is tolerated: three seconds' worth at once. */
const burstSeconds = 3
/** Windows are this much longer than Telegram's: what left in time may arrive a tenth of a second apart. */
const margin = 1.1

/** Drafts may take this part of all sends: the rest is for replies. */
const draftShare = 0.5

/** `account`: the bot's id, under which its processes count together. */
export function createPacing(rate: Rate, account: string, paceOf: (name: string) => Pace): Pacing {
  const own = `telegram:${account}`
  const drafts = `${own}:drafts`
  const keyOf = (chatId: string): string => `${own}:${chatId}`
  const pace = paceOf(own)
  let turnedAway = 0

  /** Who is turned away comes back in turn, not all at once. */
  function spread(): number {
    turnedAway = Math.min(turnedAway + 1, rate.overall * 30)
    return Math.floor((turnedAway * 1000 * margin) / rate.overall)
  }

  return {
    async ask({ chatId, kind }) {
      const chat = keyOf(chatId)
      const lack = await pace.take([
        { key: own, count: rate.overall, ms: 1000 * margin },
        { key: chat, count: Math.ceil(rate.perChat * burstSeconds), ms: burstSeconds * 1000 * margin },
        ...(kind === 'group'
          ? [{ key: `${chat}:minute`, count: rate.perGroupMinute, ms: 60_000 * margin }]
          : []),
      ])
      if (!lack) {
        turnedAway = Math.max(0, turnedAway - 1)
        return undefined
      }
      const { key, ms, closed } = lack
      if (closed) return { ms, scope: key === own ? 'account' : 'chat' }
      return { ms: key === own ? ms + spread() : ms, scope: 'chat' }
    },
    close: (ms, chatId) => void pace.close(chatId === undefined ? own : keyOf(chatId), ms),
    async askDraft() {
      const ms = 1000 * margin
      const lack = await pace.take([
        { key: own, count: rate.overall, ms },
        { key: drafts, count: Math.ceil(rate.overall * draftShare), ms },
      ])
      return lack === undefined
    },
    closeDrafts: (ms) => void pace.close(drafts, ms),
  }
}
