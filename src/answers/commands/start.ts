import { localize } from '../../model/language.ts'
import { textsOf } from '../../model/texts/texts.ts'
import { type BotFace, type Command, standardOf } from './command.ts'
import { ownReply } from './own-buttons.ts'

/** `/start`: the welcome. A deep link's payload is its argument, and stays in the trace. */
export function startCommand(face: BotFace): Command {
  const { welcome } = face
  return {
    name: 'start',
    description: (language) => textsOf(language).startDescription,
    run({ language }) {
      const own = localize(welcome.text, language, standardOf(face))
      return ownReply(
        own || textsOf(language).welcome(face.name),
        welcome.buttons,
        language,
        standardOf(face),
      )
    },
  }
}
