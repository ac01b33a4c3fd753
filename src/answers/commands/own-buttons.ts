import { buttonRows } from '../../model/actions.ts'
import { type Language, localize } from '../../model/language.ts'
import type { Reply } from '../../model/message.ts'
import type { OwnButton } from './command.ts'

/** A reply of the installation's own text and buttons, in one language. */
export function ownReply(text: string, buttons: OwnButton[], language: Language, standard: Language): Reply {
  if (buttons.length === 0) return { text }
  const labelled = buttons.map(({ label, action }) => ({
    label: localize(label, language, standard),
    action,
  }))
  return { text, buttons: buttonRows(labelled) }
}
