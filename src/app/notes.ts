import type { NoteTarget } from '../answers/handoff/note.ts'
import type { Config } from '../config/config.ts'

/** Where notes to the team go: the agents' group, else each administrator; nowhere without Telegram. */
export function noteTargets({ telegram, bot }: Config): NoteTarget[] {
  if (!telegram) return []
  const to = {
    channel: 'telegram',
    account: botIdOf(telegram.token),
    threadId: '',
    repliesAre: 'queued',
  } as const
  if (telegram.agentGroup !== undefined) return [{ ...to, chatId: telegram.agentGroup, kind: 'group' }]
  return bot.admins
    .filter((admin) => admin.startsWith('telegram:'))
    .map((admin) => ({ ...to, chatId: admin.slice('telegram:'.length), kind: 'private' }))
}

/** A bot token is the bot's id and a secret, separated by a colon. */
export const botIdOf = (token: string): string => token.split(':', 1)[0] ?? ''
