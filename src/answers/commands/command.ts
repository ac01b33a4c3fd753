import type { Language, Localized } from '../../model/language.ts'
import type { Reply } from '../../model/message.ts'
import type { Turn } from '../answers.ts'

/** A command, with or without its own file's data. */
export interface Command {
  /** Lower case, without the slash. */
  readonly name: string
  description(language: Language): string
  /** `argument`: what was written after the name; empty for a button. */
  run(turn: Turn, argument: string): Promise<Reply> | Reply
}

/** A button of the installation's own. */
export interface OwnButton {
  label: Localized
  action: string
}

/** A command the installation defines. */
export interface OwnCommand {
  command: string
  description: Localized
  text: Localized
  buttons: OwnButton[]
}

/** What the commands say of the bot. */
export interface BotFace {
  name: string
  /** The first is the default. */
  languages: readonly Language[]
  welcome: { text: Localized; buttons: OwnButton[] }
  commands: readonly OwnCommand[]
}

/** The default language of an installation; English when it names none. */
export const standardOf = (face: Pick<BotFace, 'languages'>): Language => face.languages[0] ?? 'en'
