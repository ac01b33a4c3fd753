import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../ops/log.ts'
import type { BotApi } from './api.ts'

const waitsMs = [300, 1500, 0]

/**
 * Answers a callback query, so that the pressed button stops waiting. Tried three times where the failure may
 * pass; a query that expired or was answered before is left alone.
 */
export function createAcknowledge({ api, log }: { api: BotApi; log: Log }) {
  return async (callbackId: string): Promise<void> => {
    for (const wait of waitsMs) {
      const answer = await api.call(
        'answerCallbackQuery',
        { callback_query_id: callbackId },
        { timeoutMs: 5000 },
      )
      if (answer.ok) return
      const passing = answer.status === 0 || answer.status === 429 || answer.status >= 500
      if (!passing) return log.debug({ reason: answer.description }, 'button press was not acknowledged')
      if (wait === 0) return log.warn({ reason: answer.description }, 'button press was not acknowledged')
      await sleep(Math.max(wait, answer.retryAfterMs ?? 0), undefined, { ref: false })
    }
  }
}
