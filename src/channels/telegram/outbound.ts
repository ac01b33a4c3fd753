import type { Clock } from '../../model/time.ts'
import type { Channel, Destination } from '../channel.ts'
import type { BotApi } from './api.ts'
import type { MovedChats } from './moved.ts'
import type { Pacing } from './pacing.ts'
import { createPreviews } from './preview.ts'
import { createSender } from './sender.ts'
import { createTyping } from './typing.ts'

export interface OutboundNeeds {
  api: BotApi
  pacing: Pacing
  /** For how long something lasts. */
  steady: Clock
  moved: MovedChats
  /** Told each time Telegram refuses the token. */
  refused(reason: string): void
}

export interface Outbound extends Pick<Channel, 'send'> {
  preview(destination: Destination, turnId: string, text: string): void
  typing(destination: Destination): void
  /** Milliseconds until Telegram listens again. */
  blockedFor(): number
  /** Shows no more drafts. */
  stop(): void
}

/**
 * Everything sent to people. A 429 on a reply silences all of it until its time is over, one in a group only that group, one on
 * a draft only drafts.
 */
export function createOutbound({ api, pacing, steady, moved, refused }: OutboundNeeds): Outbound {
  const sender = createSender({ api, pacing, steady, moved, refused })
  const { blockedFor } = sender
  const previews = createPreviews({ api, clock: steady, blockedFor, pacing })
  const typing = createTyping({ api, clock: steady, blockedFor })
  return {
    async send(message) {
      typing.end(message.conversationId)
      await previews.finish(message.conversationId)
      return sender.send(message)
    },
    preview: previews.show,
    typing: (destination) => typing.show(moved.follow(destination)),
    blockedFor,
    stop() {
      previews.stop()
      typing.stop()
    },
  }
}
