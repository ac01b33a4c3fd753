import { type Addressing, triggerPattern } from './addressed.ts'
import type { BotApi } from './api.ts'
import { createBackoff, sleep } from './backoff.ts'
import type { Health } from './health.ts'
import type { Menu } from './menu.ts'

/** What the bot is called and listens to; its name is known once Telegram told it. */
export interface Identity {
  readonly addressing: Addressing
  /** Asks Telegram for the name until it answers; false when `signal` aborted first. */
  learn(api: BotApi, health: Health, signal: AbortSignal): Promise<boolean>
}

/** `menus` is asked each time: a reload may have changed them. */
export function createIdentity(id: string, words: readonly string[], menus: () => readonly Menu[]): Identity {
  let name: string | undefined
  return {
    addressing: {
      id,
      triggers: triggerPattern(words),
      get commands() {
        return new Set(menus().flatMap((menu) => menu.commands.map(({ command }) => command)))
      },
      get username() {
        if (name === undefined) throw new Error('The name of the bot is not known yet.')
        return name
      },
    },
    async learn(api, health, signal) {
      name = await fetchUsername(api, health, signal)
      return name !== undefined
    },
  }
}

async function fetchUsername(api: BotApi, health: Health, signal: AbortSignal): Promise<string | undefined> {
  const backoff = createBackoff(1000, 60_000)
  while (!signal.aborted) {
    const me = await api.call('getMe', {}, { signal, timeoutMs: 10_000 })
    if (me.ok) return me.result.username ?? ''
    if (signal.aborted) return undefined
    health.failed(me)
    await sleep(Math.max(backoff.next(), me.retryAfterMs ?? 0), signal)
  }
  return undefined
}
