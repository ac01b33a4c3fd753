import { localize } from '../../model/language.ts'
import { type BotFace, type Command, type OwnCommand, standardOf } from './command.ts'
import { ownReply } from './own-buttons.ts'

/** A command of the installation's own: `/services` answers with a text and buttons. */
export function ownCommand(own: OwnCommand, face: Pick<BotFace, 'languages'>): Command {
  const standard = standardOf(face)
  return {
    name: own.command.toLowerCase(),
    description: (language) => localize(own.description, language, standard),
    run: ({ language }) => ownReply(localize(own.text, language, standard), own.buttons, language, standard),
  }
}
