import type { BotConfig, CommandButton } from '../config/config.ts'
import { buttonRows } from '../model/actions.ts'
import { type Language, localize } from '../model/language.ts'
import type { Button } from '../model/message.ts'
import { textsOf } from '../model/texts/texts.ts'

/** What pages show of the bot before anybody spoke, in the visitor's language or the tenant's default. */
export interface Face {
  language(wanted: Language | undefined): Language
  bot(wanted: Language | undefined): { name: string; tagline: string }
  greeting(wanted: Language | undefined): { text: string; buttons?: Button[][] }
}

/** `bot` is asked each time: it may have been reloaded. */
export function createFace(bot: () => BotConfig): Face {
  const standard = (): Language => bot().languages[0] ?? 'en'
  const language = (wanted: Language | undefined): Language =>
    wanted && bot().languages.includes(wanted) ? wanted : standard()
  return {
    language,
    bot: (wanted) => ({ name: bot().name, tagline: localize(bot().tagline, language(wanted), standard()) }),
    greeting(wanted) {
      const spoken = language(wanted)
      const { text, buttons } = bot().welcome
      const greeting = localize(text, spoken, standard()) || textsOf(spoken).welcome(bot().name)
      return buttons.length > 0
        ? { text: greeting, buttons: rowsOf(buttons, spoken, standard()) }
        : { text: greeting }
    },
  }
}

const rowsOf = (buttons: CommandButton[], spoken: Language, standard: Language): Button[][] =>
  buttonRows(buttons.map(({ label, action }) => ({ label: localize(label, spoken, standard), action })))
