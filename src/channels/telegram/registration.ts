import type { WebhookInfo } from '@grammyjs/types'
import type { ApiResult, BotApi } from './api.ts'
import { sleep } from './backoff.ts'
import { wantedUpdates } from './translate.ts'

/** Where and how Telegram is to call us. */
export interface WebhookTarget {
  url: string
  /** 1 to 256 characters of A-Z, a-z, 0-9, `_` and `-`. */
  secret: string
}

/** Something wrong with the registered webhook, and the next step. */
export interface WebhookProblem {
  problem: string
  next: string
  /** It may be over by itself soon. */
  mayPass?: true
}

/** Telegram's call was refused with 401: it has another secret than we. */
const secretRefused = /\b401\b/
/** An error older than this, in seconds, with nothing pending, is history. */
const recentSeconds = 600
const manyPending = 100
/** Longest wait Telegram may ask for before a command gives up. */
const longestWaitMs = 60_000
const mostTries = 5

/** What is wrong with the registration; empty when all is well. `now` in milliseconds. */
export function findProblems(
  info: WebhookInfo,
  target: WebhookTarget | undefined,
  now: number,
): WebhookProblem[] {
  if (!target) {
    if (!info.url) return []
    return [
      {
        problem: `${info.url} is registered, but no webhook is configured`,
        next: 'parley webhook delete, if no other server uses this bot; or set TELEGRAM_WEBHOOK_URL',
        mayPass: true,
      },
    ]
  }
  if (!info.url) return [{ problem: 'no webhook is registered', next: 'parley webhook set' }]
  if (info.url !== target.url) {
    return [{ problem: `another address is registered: ${info.url}`, next: 'parley webhook set' }]
  }
  const problems: WebhookProblem[] = []
  if (!sameKinds(info))
    problems.push({ problem: 'other kinds of updates are registered', next: 'parley webhook set' })
  const error = currentError(info, now)
  if (error !== undefined) problems.push({ problem: `Telegram reports: ${error}`, next: nextStep(error) })
  if ((info.pending_update_count ?? 0) > manyPending) {
    problems.push({
      problem: `${info.pending_update_count} updates wait to be delivered`,
      next: 'check that parley is running and reachable at this address',
      mayPass: true,
    })
  }
  return problems
}

/** Whether `setWebhook` would change anything for the better. */
export function needsSetting(info: WebhookInfo, target: WebhookTarget, now: number): boolean {
  return info.url !== target.url || !sameKinds(info) || secretRefused.test(currentError(info, now) ?? '')
}

function currentError({ last_error_date: date, last_error_message: message }: WebhookInfo, now: number) {
  if (date === undefined || message === undefined) return undefined
  return now / 1000 - date < recentSeconds ? message : undefined
}

function nextStep(error: string): string {
  if (secretRefused.test(error)) return 'the secret differs: parley webhook set'
  if (/connect|timeout|closed|resolve|refused/i.test(error)) {
    return 'check that parley is running and that its address can be reached from the internet'
  }
  if (/ssl|certificate/i.test(error)) return "check the certificate of the webhook's address"
  return 'look into the log of parley'
}

function sameKinds({ allowed_updates: registered }: WebhookInfo): boolean {
  const names: readonly string[] = registered ?? []
  return names.length === wantedUpdates.length && wantedUpdates.every((kind) => names.includes(kind))
}

export interface SetOptions {
  signal: AbortSignal
  /** Tells of a wait Telegram asked for. */
  waiting?(ms: number): void
}

/** Calls until Telegram no longer asks to wait; gives up when it asks for over a minute, or the fifth time. */
export async function patiently<T>(
  call: () => Promise<ApiResult<T>>,
  options: SetOptions,
): Promise<ApiResult<T>> {
  for (let tries = 1; ; tries += 1) {
    const answer = await call()
    if (answer.ok || answer.status !== 429 || tries === mostTries || options.signal.aborted) return answer
    const ms = answer.retryAfterMs ?? 1000
    if (ms > longestWaitMs) return answer
    options.waiting?.(ms)
    await sleep(ms, options.signal)
  }
}

export function setWebhook(
  api: BotApi,
  target: WebhookTarget,
  options: SetOptions,
): Promise<ApiResult<true>> {
  const args = { url: target.url, secret_token: target.secret, allowed_updates: wantedUpdates }
  return patiently(() => api.call('setWebhook', args), options)
}
