import { textsOf } from '../../model/texts/texts.ts'
import type { Command } from './command.ts'

/** `/cancel`, when nothing is under way. */
export const cancelCommand: Command = {
  name: 'cancel',
  description: (language) => textsOf(language).cancelDescription,
  run: ({ language }) => ({ text: textsOf(language).nothingToCancel }),
}
