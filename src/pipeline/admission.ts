import { accountsAmong, type Channel } from '../channels/channel.ts'
import { ParleyError } from '../model/errors.ts'
import { chatKey, type Incoming } from '../model/message.ts'
import type { Events } from '../ops/events.ts'
import type { RefusalReason } from '../ops/events/edge.ts'
import { createStanding, type StandingNeeds } from './standing.ts'
import { isFollowed } from './turn-context.ts'

export interface AdmissionNeeds extends Omit<StandingNeeds, 'accounts' | 'mostOfChat'> {
  channels: ReadonlyMap<string, Channel>
  events: Pick<Events, 'messageRefused' | 'overloaded' | 'relieved'>
}

/** Decides whether a message is taken, before anything of it is stored. */
export interface Admission {
  /** Throws `OVERLOADED` (503) while messages of this channel are not taken. Cheap: to be asked before they are read. */
  check(channel: string): void
  /**
   * Has messages of one channel stored, or throws the same. One chat may have a tenth of what may wait, else
   * `RATE_LIMITED` (429); not where they come `inLine`: there a refusal would hold up whoever stands behind.
   */
  admit<T>(incoming: readonly Incoming[], store: () => Promise<T>, inLine?: boolean): Promise<T>
  /** Messages were refused within the last seconds. */
  isShedding(): boolean
  close(): void
}

/** So long nothing was refused: it is over, in milliseconds. */
const overMs = 5000
/** When those refused may come back: spread, so that they do not come at once, in milliseconds. */
const returnMs = [2000, 5000] as const
/** As many of one chat as a turn takes. */
const mostOfChat = 200

export function createAdmission(needs: AdmissionNeeds): Admission {
  const { channels, events, mostWaiting, mostDelayMs } = needs
  const standing = createStanding({
    ...needs,
    accounts: accountsAmong(channels),
    mostOfChat: Math.min(mostOfChat, Math.ceil(mostWaiting / 10)),
  })
  const spell = createSpell(events)

  function reasonFor(channel: string): RefusalReason | undefined {
    const { received, queued, delayMs } = standing.now()
    // Who reads the rows does not wait for what platforms do not take.
    const waiting = isFollowed(channels.get(channel)) ? received : received + queued
    if (waiting >= mostWaiting) return 'backlog'
    return delayMs > mostDelayMs ? 'delay' : undefined
  }

  function check(channel: string): void {
    const reason = reasonFor(channel)
    if (reason === undefined) return
    events.messageRefused({ channel, reason })
    spell.refused({ reason, ...standing.now() })
    throw new ParleyError('OVERLOADED', undefined, { status: 503, retryAfterMs: returnAfter() })
  }

  function checkChat(channel: string, chats: readonly string[]): void {
    if (!chats.some(standing.isCrowded)) return
    events.messageRefused({ channel, reason: 'chat' })
    const words = 'Too many messages of this chat wait for an answer; nothing was accepted.'
    throw new ParleyError('RATE_LIMITED', words, { status: 429, retryAfterMs: returnAfter() })
  }

  return {
    check,
    async admit(incoming, store, inLine = false) {
      const [first] = incoming
      if (!first) return store()
      check(first.channel)
      const chats = incoming.map(chatKey)
      if (!inLine) checkChat(first.channel, chats)
      standing.admitted(chats)
      let stored = false
      try {
        const result = await store()
        stored = true
        return result
      } finally {
        standing.settled(chats.length, stored)
      }
    },
    isShedding: spell.isOn,
    close() {
      standing.close()
      spell.close()
    },
  }
}

const returnAfter = (): number => returnMs[0] + Math.random() * (returnMs[1] - returnMs[0])

/** A time in which messages are refused: told of at its beginning and at its end. */
function createSpell(events: AdmissionNeeds['events']) {
  let refused = 0
  let began = 0
  let end: NodeJS.Timeout | undefined

  function over(): void {
    end = undefined
    events.relieved({ seconds: Math.round((performance.now() - began - overMs) / 1000), refused })
  }

  return {
    refused(why: Parameters<Events['overloaded']>[0]): void {
      refused = end ? refused + 1 : 1
      if (end) return void end.refresh()
      began = performance.now()
      end = setTimeout(over, overMs).unref()
      events.overloaded(why)
    },
    isOn: () => end !== undefined,
    close: () => clearTimeout(end),
  }
}
