import { type Language, localize } from '../../model/language.ts'
import type { Reply } from '../../model/message.ts'
import { type BotFace, type Command, type OwnCommand, standardOf } from './command.ts'
import { ownReply } from './own-buttons.ts'

/** The name under which people look for a way to reach the team. */
const contactNames = ['contact', 'contacts', 'контакты']

/** What the installation's own command says of how the team is reached, where it has one. */
export function contactReply(
  face: Pick<BotFace, 'languages' | 'commands'>,
): ((language: Language) => Reply) | undefined {
  const own = face.commands.find(({ command }) => contactNames.includes(command.toLowerCase()))
  const standard = standardOf(face)
  return own && ((language) => replyOf(own, language, standard))
}

/** A command of the installation's own: `/services` answers with a text and buttons. */
export function ownCommand(own: OwnCommand, face: Pick<BotFace, 'languages'>): Command {
  const standard = standardOf(face)
  return {
    name: own.command.toLowerCase(),
    description: (language) => localize(own.description, language, standard),
    run: ({ language }) => replyOf(own, language, standard),
  }
}

const replyOf = ({ text, buttons }: OwnCommand, language: Language, standard: Language): Reply =>
  ownReply(localize(text, language, standard), buttons, language, standard)
