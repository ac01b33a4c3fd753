import { type Language, localize } from '../../model/language.ts'
import { textsOf } from '../../model/texts/texts.ts'
import { type BotFace, standardOf } from './command.ts'

export interface MenuItem {
  /** Without the slash. */
  command: string
  description: string
}

/** Telegram's menu takes commands of this form only (Bot API, BotCommand). */
const fitsMenu = /^[a-z0-9_]{1,32}$/
/** The longest description of Telegram's menu. */
const descriptionLength = 256

/** The commands for a platform's menu, in one language. */
export function commandMenu(face: Pick<BotFace, 'languages' | 'commands'>, language: Language): MenuItem[] {
  const texts = textsOf(language)
  const own = face.commands.map(({ command, description }) => ({
    command: command.toLowerCase(),
    description: localize(description, language, standardOf(face)) || command,
  }))
  return [
    { command: 'start', description: texts.startDescription },
    { command: 'help', description: texts.helpDescription },
    ...own,
    { command: 'cancel', description: texts.cancelDescription },
    { command: 'status', description: texts.statusDescription },
  ]
    .filter(({ command }) => fitsMenu.test(command))
    .map((item) => ({ ...item, description: item.description.slice(0, descriptionLength) }))
}
