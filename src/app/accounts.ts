import { createWebChannel } from '../channels/web/channel.ts'
import type { Config } from '../config/config.ts'
import type { Account } from '../model/conversation.ts'
import { terminalChannel } from './call.ts'
import { botIdOf } from './notes.ts'

/** Who the bot is on each channel it has. */
export function accountsOf({ telegram, web }: Pick<Config, 'telegram' | 'web'>): Account[] {
  const own = [createWebChannel(web), terminalChannel].map(({ name, account }) => ({
    channel: name,
    account,
  }))
  return telegram ? [...own, { channel: 'telegram', account: botIdOf(telegram.token) }] : own
}
