import type { Update } from '@grammyjs/types'
import { ParleyError } from '../../model/errors.ts'
import type { Events } from '../../ops/events.ts'
import type { Log } from '../../ops/log.ts'
import { type ApiFailure, type ApiResult, type BotApi, failure } from './api.ts'
import { createBackoff, sleep } from './backoff.ts'
import type { Health } from './health.ts'
import { isUpdate } from './receive.ts'
import { wantedUpdates } from './translate.ts'

export interface PollerNeeds {
  api: BotApi
  account: string
  events: Pick<Events, 'channelConflict' | 'faulted'>
  log: Log
  health: Health
  /** How long Telegram holds a request without updates, in seconds (at most 50). */
  waitSeconds: number
  /** Stores the updates; rejects when nothing was stored. */
  accept(updates: Update[]): Promise<void>
  /** Nobody else polls yet. */
  isHeld(): boolean
}

const batch = 100
/** What the answer may take over the waiting time, in milliseconds. */
const graceMs = 10_000

/**
 * Fetches updates until `signal` aborts. The offset, which tells Telegram to forget, moves on only after the updates
 * before it are stored. Never throws; every failure is waited out, longer each time.
 */
export async function poll(needs: PollerNeeds, signal: AbortSignal): Promise<void> {
  const { api, health, waitSeconds, accept, isHeld } = needs
  const backoff = createBackoff(500, 30_000)
  const conflicts = createBackoff(3000, 60_000)
  let offset = 0
  let confirmed = true
  // Asked without waiting at first, so that it is soon known whether polling works.
  let wait = 0
  let taken = false
  await removeWebhook(needs, signal)
  while (!signal.aborted) {
    const answer = await fetchUpdates(needs, { offset, wait }, signal)
    if (signal.aborted) break
    // Whoever takes the messages is thrown out by our next request, and comes again: one that nobody ended tells.
    taken = answer.ok ? taken && wait === 0 : answer.status === 409
    wait = answer.ok ? waitSeconds : 0
    if (!answer.ok) {
      await waitOut(needs, answer, answer.status === 409 ? conflicts : backoff, signal)
      continue
    }
    if (!taken) health.set('up', 'polling')
    confirmed = true
    conflicts.reset()
    try {
      if (answer.result.length > 0) await accept(answer.result)
      backoff.reset()
    } catch (err) {
      await waitOutRefusal(err, needs, backoff, signal)
      continue
    }
    const last = answer.result.at(-1)
    if (last) {
      offset = last.update_id + 1
      confirmed = false
    }
  }
  // Tells Telegram what is stored, so that the next poller does not get it again; one that polls already would be cut off.
  if (!confirmed && isHeld())
    await api.call('getUpdates', { offset, limit: 1, timeout: 0 }, { timeoutMs: 2000 })
}

/** At capacity Telegram keeps them a little longer: that is no fault, and soon over. */
async function waitOutRefusal(
  err: unknown,
  { events }: PollerNeeds,
  backoff: { next(): number },
  signal: AbortSignal,
): Promise<void> {
  const isFull = err instanceof ParleyError && err.code === 'OVERLOADED'
  if (!isFull) events.faulted({ area: 'telegram', err })
  await sleep(isFull ? (err.retryAfterMs ?? 0) : backoff.next(), signal)
}

/** The shape is checked here: what is no list of updates would end polling, or move the offset past what is not stored. */
async function fetchUpdates(
  { api }: PollerNeeds,
  { offset, wait }: { offset: number; wait: number },
  signal: AbortSignal,
): Promise<ApiResult<Update[]>> {
  const answer = await api.call(
    'getUpdates',
    { offset, limit: batch, timeout: wait, allowed_updates: wantedUpdates },
    { signal, timeoutMs: wait * 1000 + graceMs },
  )
  if (!answer.ok || areUpdates(answer.result)) return answer
  return failure(502, 'the answer of Telegram holds no updates')
}

const areUpdates = (result: unknown): boolean =>
  Array.isArray(result) &&
  result.every((update: unknown) => isUpdate(update) && Number.isSafeInteger(update.update_id))

/** Telegram refuses to be polled while a webhook is set. Done once, when polling begins. */
async function removeWebhook({ api, log, health }: PollerNeeds, signal: AbortSignal): Promise<void> {
  const backoff = createBackoff(500, 30_000)
  while (!signal.aborted) {
    const info = await api.call('getWebhookInfo', {}, { signal })
    if (info.ok && !info.result.url) return
    if (info.ok)
      log.warn({ webhook: info.result.url }, 'a webhook is registered; it is removed, because this bot polls')
    const removed = info.ok ? await api.call('deleteWebhook', {}, { signal }) : info
    if (removed.ok || signal.aborted) return
    health.failed(removed)
    await sleep(Math.max(backoff.next(), removed.retryAfterMs ?? 0), signal)
  }
}

async function waitOut(
  { events, account, health }: PollerNeeds,
  { status, description, retryAfterMs }: ApiFailure,
  backoff: { next(): number },
  signal: AbortSignal,
): Promise<void> {
  if (status === 409) events.channelConflict({ channel: 'telegram', account })
  health.failed({ status, description })
  await sleep(Math.max(backoff.next(), retryAfterMs ?? 0), signal)
}
