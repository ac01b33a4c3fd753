import type { Log } from '../../ops/log.ts'
import type { BotApi } from './api.ts'
import { patiently } from './registration.ts'

/** The commands shown in the menu of one language; `language` empty: of everybody else. */
export interface Menu {
  /** ISO 639-1, or empty. */
  language: string
  commands: readonly { command: string; description: string }[]
}

/** Telegram's limits (https://core.telegram.org/bots/api#botcommand). */
const mostCommands = 100
const longestDescription = 256

/** Registers the menus that differ from what Telegram has. A failure is logged: the bot works without. */
export async function registerMenus(
  { api, log }: { api: BotApi; log: Log },
  menus: readonly Menu[],
  signal: AbortSignal,
): Promise<void> {
  for (const { language, commands } of menus) {
    if (signal.aborted) return
    const place = language === '' ? {} : { language_code: language }
    const wanted = commands.slice(0, mostCommands).map(({ command, description }) => ({
      command,
      description: Array.from(description).slice(0, longestDescription).join(''),
    }))
    const known = await patiently(() => api.call('getMyCommands', place), { signal })
    if (signal.aborted) return
    if (known.ok && JSON.stringify(known.result) === JSON.stringify(wanted)) continue
    const set = await patiently(() => api.call('setMyCommands', { commands: wanted, ...place }), { signal })
    if (set.ok) log.info({ language, commands: wanted.length }, 'command menu registered')
    else if (!signal.aborted) log.warn({ language, reason: set.description }, 'command menu not registered')
  }
}
