import type { BotApi } from './api.ts'
import { createBackoff, sleep } from './backoff.ts'
import type { Health } from './health.ts'

/** Asks Telegram for the bot's name until it answers; `undefined` when `signal` aborted first. */
export async function fetchUsername(
  api: BotApi,
  health: Health,
  signal: AbortSignal,
): Promise<string | undefined> {
  const backoff = createBackoff(1000, 60_000)
  while (!signal.aborted) {
    const me = await api.call('getMe', {}, { signal, timeoutMs: 10_000 })
    if (me.ok) return me.result.username ?? ''
    if (signal.aborted) return undefined
    const refused = me.status === 401 || me.status === 404
    health.set(
      'down',
      refused ? `Telegram refuses the token (${me.status}): set TELEGRAM_BOT_TOKEN` : me.description,
    )
    await sleep(Math.max(backoff.next(), me.retryAfterMs ?? 0), signal)
  }
  return undefined
}
