import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../ops/log.ts'
import type { Channel } from '../channel.ts'
import type { BotApi } from './api.ts'

/** Before each try, in milliseconds. */
const waitsMs = [0, 300, 1500]
/** A query expires in about this time anyway. */
const longestWaitMs = 10_000
/** A stopping process does not wait longer for acknowledgements. */
const patienceMs = 2000

/** Acknowledges pressed buttons in the background. */
export interface Acknowledger extends Required<Pick<Channel, 'accepted' | 'ignored'>> {
  /**
   * Soon, where there is one, and tried again where the failure may pass, but not while Telegram said to wait; a query that
   * expired or was answered is left alone.
   */
  acknowledge(callbackId: string | undefined): void
  /** Waits a moment for those on their way. */
  finish(): Promise<void>
}

export interface AcknowledgerNeeds {
  api: BotApi
  log: Log
  /** Milliseconds until Telegram listens again. */
  blockedFor(): number
}

export function createAcknowledger(needs: AcknowledgerNeeds): Acknowledger {
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

async function answerCallback(
  { api, log, blockedFor }: AcknowledgerNeeds,
  callbackId: string,
): Promise<void> {
  const args = { callback_query_id: callbackId }
  const mayLeave = (): boolean => blockedFor() === 0
  let reason = 'Telegram asked to wait'
  let askedMs = 0
  for (const least of waitsMs) {
    const wait = Math.max(least, askedMs, blockedFor())
    if (wait > longestWaitMs) break
    await sleep(wait)
    const answer = await api.call('answerCallbackQuery', args, { timeoutMs: 5000, mayLeave })
    if (answer.ok) return
    reason = answer.description
    askedMs = answer.retryAfterMs ?? 0
    const passing = answer.status === 0 || answer.status === 429 || answer.status >= 500
    if (!passing) return log.debug({ reason }, 'button press was not acknowledged')
  }
  log.warn({ reason }, 'button press was not acknowledged')
}
