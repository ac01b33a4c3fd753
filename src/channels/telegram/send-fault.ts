import type { Destination, SendFault } from '../channel.ts'
import type { ApiFailure } from './api.ts'

/** While Telegram refuses the token, replies wait instead of being given up, and one tries now and then: a new token may come. */
const refusedTokenMs = 10_000

/** While Telegram cannot be reached at all nothing is tried in vain. */
const unreachableMs = 5000

/**
 * What a failed `sendMessage` to a chat of this kind means for the reply
 * (https://core.telegram.org/bots/api#making-requests). A 429 in a group may be its slow mode, whose length its owner
 * chooses, and does not say so: it is of that chat alone.
 */
export function classify(
  { status, description, retryAfterMs, migratedTo, mayHaveArrived }: ApiFailure,
  kind: Destination['kind'],
): SendFault {
  if (mayHaveArrived) return { kind: 'unknown', reason: description, isAnswered: isAnswer(status) }
  if (status === 0) return { kind: 'wait', ms: unreachableMs, scope: 'account', reason: description }
  if (status === 429) {
    const scope = kind === 'group' ? 'chat' : 'account'
    return { kind: 'wait', ms: retryAfterMs ?? 1000, scope, reason: description }
  }
  if (isTokenRefused(status)) {
    return {
      kind: 'wait',
      ms: refusedTokenMs,
      scope: 'account',
      reason: `Telegram refuses the token: ${description}`,
    }
  }
  if (migratedTo !== undefined) {
    return { kind: 'final', reason: `${description}; the chat is now ${migratedTo}` }
  }
  if (status === 400 && /can't parse|entit/i.test(description)) return { kind: 'markup', reason: description }
  if (status === 400 || status === 403 || status === 413) return { kind: 'final', reason: description }
  return { kind: 'retry', reason: description }
}

/** 504 is the word of a gateway that got none. */
const isAnswer = (status: number): boolean => status !== 0 && status !== 504

/** 401: unknown token. 404: what the front says to a malformed one, or the API root is wrong. */
export const isTokenRefused = (status: number): boolean => status === 401 || status === 404
