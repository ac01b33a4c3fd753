import { limitNotice } from '../model/texts/limit.ts'
import type { Clock } from '../model/time.ts'
import type { SourcedAnswer, Turn } from './answers.ts'

/** What of a burst is to be answered, and the one word about what is not: the last step says all there is to say. */
export function withinLimits(
  turn: Turn,
  zone: string,
  clock: Clock,
): { rest: Turn; notice: SourcedAnswer | undefined } {
  const messages = turn.messages.filter(({ over }) => !over)
  if (messages.length === turn.messages.length) return { rest: turn, notice: undefined }
  const rest = { ...turn, messages, text: messages.map(({ text }) => text).join('\n') }
  const over = turn.messages.findLast((message) => message.over?.notice)?.over
  if (!over) return { rest, notice: undefined }
  const notice: SourcedAnswer = {
    source: 'limit',
    replies: [{ text: limitNotice(turn.language, over, { now: clock.now(), zone }) }],
    confidence: 1,
    trace: { limit: over },
  }
  return { rest, notice }
}

/** The answer to what was within the limits, and then the word about the rest. */
export const followedBy = (answer: SourcedAnswer, notice: SourcedAnswer | undefined): SourcedAnswer =>
  notice
    ? {
        ...answer,
        replies: [...answer.replies, ...notice.replies],
        trace: { ...answer.trace, ...notice.trace },
      }
    : answer
