import { cancel, intro, multiselect, text, type TextOptions } from '@clack/prompts'
import { languages, type Language } from '../../model/language.ts'
import { CommandFailure } from '../terminal.ts'
import type { InitAnswers } from './template.ts'

const labels: Record<Language, string> = { en: 'English', ru: 'Русский' }

/** Asks on the terminal; Enter takes what was given before, which is shown in grey. */
export async function askQuestions(
  given: InitAnswers,
  terminal: Pick<TextOptions, 'input' | 'output'> = {},
): Promise<InitAnswers> {
  intro('A new bot', terminal)
  const ask = async (message: string, standard: string): Promise<string> => {
    const answer = await text({ message, placeholder: standard, defaultValue: standard, ...terminal })
    return answered<string>(answer).trim() || standard
  }
  const name = await ask('What is it called?', given.name)
  const persona = await ask('Who is it, and how does it speak?', given.persona)
  const spoken = answered<Language[]>(
    await multiselect<Language>({
      message: 'Which languages does it speak?',
      options: languages.map((value) => ({ value, label: labels[value] })),
      initialValues: given.languages,
      ...terminal,
    }),
  )
  return { name, persona, languages: spoken }
}

function answered<T extends string | string[]>(answer: T | symbol): T {
  if (typeof answer !== 'symbol') return answer // The only symbol there is means cancelled.
  cancel('Nothing was written.')
  throw new CommandFailure('Cancelled.')
}
