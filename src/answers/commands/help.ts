import { actions } from '../../model/actions.ts'
import type { Reply } from '../../model/message.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { Turn } from '../answers.ts'
import type { Command } from './command.ts'

/** `/help`: every command, and what staff have besides. `all` is read when it runs, so that it may hold this one. */
export function helpCommand(all: () => readonly Command[]): Command {
  return {
    name: 'help',
    description: (language) => textsOf(language).helpDescription,
    run: (turn) => help(turn, all()),
  }
}

/** The help, under a first line of the caller's. */
export function help({ language, role }: Turn, commands: readonly Command[], first?: string): Reply {
  const texts = textsOf(language)
  const list = commands.map((command) => `- /${command.name}: ${command.description(language)}`).join('\n')
  const parts = [first, texts.helpIntro, list, role !== 'contact' && texts.helpRole(role), texts.helpOutro]
  return {
    text: parts.filter(Boolean).join('\n\n'),
    buttons: [[{ label: texts.humanLabel, action: actions.human }]],
  }
}
