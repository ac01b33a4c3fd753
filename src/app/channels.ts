import { commandMenu } from '../answers/commands/menu.ts'
import type { Channel } from '../channels/channel.ts'
import type { Menu } from '../channels/telegram/menu.ts'
import { createTelegram, type TelegramChannel } from '../channels/telegram/telegram.ts'
import { createWebChannel } from '../channels/web/channel.ts'
import type { BotConfig, Config } from '../config/config.ts'
import type { Allowances } from '../coordination/coordination.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import type { Log } from '../ops/log.ts'
import type { Store } from '../store/store.ts'
import { terminalChannel } from './call.ts'
import type { Duties } from './duties.ts'
import { createPace } from './pace.ts'

export interface ChannelParts {
  store: Pick<Store, 'read' | 'write'>
  allowances: Allowances
  events: Events
  log: Log
  clock: Clock
  duties: Duties
  /** Names this process where one of many must hold a lease. */
  holder: string
  /** The bot of this moment: it may have been reloaded. */
  bot(): BotConfig
}

export interface Channels {
  /** Every channel, the terminal's included. */
  all: ReadonlyMap<string, Channel>
  /** Those people outside can use by way of this process. */
  open: Channel[]
  telegram: TelegramChannel | undefined
}

/** The channels this installation has. */
export function createChannels(config: Config, parts: ChannelParts): Channels {
  const telegram = config.telegram && telegramOf(config.telegram, parts)
  const web = createWebChannel(config.web)
  const platforms: Channel[] = telegram ? [telegram] : []
  return {
    all: new Map([web, ...platforms, terminalChannel].map((channel) => [channel.name, channel])),
    open: parts.duties.serves ? [web, ...platforms] : platforms,
    telegram,
  }
}

function telegramOf(telegram: NonNullable<Config['telegram']>, parts: ChannelParts): TelegramChannel {
  const { store, events, log, clock, duties, holder, bot } = parts
  const lease = {
    hold: (name: string, ms: number) =>
      store.write((tx) => tx.leases.hold(name, holder, clock.now(), clock.now() + ms)),
    release: (name: string) => store.write((tx) => tx.leases.release(name, holder)),
    until: (name: string) => store.read.leases.until(name),
  }
  const receives = duties.fetches ? 'updates' : duties.serves ? 'calls' : 'nothing'
  const paceOf = (name: string) => createPace(name, parts)
  const menus = () => menusOf(bot())
  return createTelegram({ config: telegram, receives, menus, lease, paceOf, events, log, clock })
}

function menusOf(bot: BotConfig): Menu[] {
  const [standard = 'en'] = bot.languages
  return [
    { language: '', commands: commandMenu(bot, standard) },
    ...bot.languages.map((language) => ({ language, commands: commandMenu(bot, language) })),
  ]
}
