import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../ops/log.ts'
import type { Channel } from '../channel.ts'
import type { BotApi } from './api.ts'

const waitsMs = [300, 1500, 0]
/** A query expires in about this time anyway. */
const longestWaitMs = 10_000
/** A stopping process does not wait longer for acknowledgements. */
const patienceMs = 2000

/** Acknowledges pressed buttons in the background. */
export interface Acknowledger extends Required<Pick<Channel, 'accepted' | 'ignored'>> {
  /** Soon, where there is one, and tried again where the failure may pass; a query that expired or was answered is left alone. */
  acknowledge(callbackId: string | undefined): void
  /** Waits a moment for those on their way. */
  finish(): Promise<void>
}

export function createAcknowledger(needs: { api: BotApi; log: Log }): Acknowledger {
  const running = new Set<Promise<void>>()

  function acknowledge(callbackId: string | undefined): void {
    if (callbackId === undefined) return
    const done: Promise<void> = answerCallback(needs, callbackId).finally(() => running.delete(done))
    running.add(done)
  }

  return {
    acknowledge,
    accepted: ({ extra }) => acknowledge(extra?.['callbackId']),
    ignored({ updateId, platformId, extra }) {
      needs.log.info({ updateId, messageId: platformId }, 'press ignored: its message has no such button')
      acknowledge(extra?.['callbackId'])
    },
    finish: () =>
      Promise.race([
        Promise.all(running).then(() => undefined),
        sleep(patienceMs, undefined, { ref: false }),
      ]),
  }
}

async function answerCallback({ api, log }: { api: BotApi; log: Log }, callbackId: string): Promise<void> {
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
    await sleep(Math.min(Math.max(wait, answer.retryAfterMs ?? 0), longestWaitMs))
  }
}
