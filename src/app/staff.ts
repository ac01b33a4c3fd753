import type { BotConfig } from '../config/config.ts'
import type { Contact, Role } from '../model/contact.ts'
import { terminalChannel } from './call.ts'

type Person = Pick<Contact, 'channel' | 'platformId'>

/** Who of the people that write is staff. */
export interface Staff {
  roleOf(contact: Person): Role
  /** Staff, and whoever can start a command on this machine, are counted against no limit. */
  isImmune(contact: Person): boolean
}

/** `bot` is asked each time: it may have been reloaded. */
export function createStaff(bot: () => BotConfig): Staff {
  const roleOf = ({ channel, platformId }: Person): Role =>
    bot().admins.includes(`${channel}:${platformId}`) ? 'admin' : 'contact'
  return {
    roleOf,
    isImmune: (contact) => contact.channel === terminalChannel.name || roleOf(contact) !== 'contact',
  }
}
