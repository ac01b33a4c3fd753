import type { Clock } from '../../model/time.ts'
import type { Log } from '../../ops/log.ts'
import type { BotApi } from './api.ts'
import { createBackoff, sleep } from './backoff.ts'
import type { Health } from './health.ts'
import { needsSetting, setWebhook, type WebhookTarget } from './registration.ts'

/** How often a process looks whether its webhook is still registered, in milliseconds. */
const lookMs = 300_000

interface Needs {
  api: BotApi
  log: Log
  health: Health
  clock: Clock
}

/** Registers the webhook when it is not, and looks after it now and then, until `signal` aborts. */
export async function keepRegistered(
  needs: Needs,
  target: WebhookTarget,
  signal: AbortSignal,
): Promise<void> {
  const { health, log } = needs
  const backoff = createBackoff(1000, 60_000)
  while (!signal.aborted) {
    const failure = await register(needs, target, signal)
    if (signal.aborted) return
    if (failure === undefined) {
      backoff.reset()
      health.set('up', 'webhook registered')
      await sleep(lookMs, signal)
    } else {
      health.failed(failure)
      log.warn({ reason: failure.description }, 'webhook not registered, trying again')
      await sleep(Math.max(backoff.next(), failure.retryAfterMs ?? 0), signal)
    }
  }
}

/** Why it could not be registered, or `undefined`. */
async function register({ api, log, clock }: Needs, target: WebhookTarget, signal: AbortSignal) {
  const info = await api.call('getWebhookInfo', {}, { signal })
  if (!info.ok) return info
  if (!needsSetting(info.result, target, clock.now())) return undefined
  const set = await setWebhook(api, target, { signal })
  if (!set.ok) return set
  log.info({ webhook: target.url }, 'webhook registered')
  return undefined
}
