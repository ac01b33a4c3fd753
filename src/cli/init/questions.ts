import { cancel, intro, multiselect, text } from '@clack/prompts'
import { languages, type Language } from '../../model/language.ts'
import { CommandFailure } from '../terminal.ts'
import type { InitAnswers } from './template.ts'

const labels: Record<Language, string> = { en: 'English', ru: 'Русский' }

/** Asks on the terminal; what was given before is the suggestion. */
export async function askQuestions(given: InitAnswers): Promise<InitAnswers> {
  intro('A new bot')
  const required = (value: string | undefined) => (value?.trim() ? undefined : 'Write something.')
  const name = answered<string>(
    await text({ message: 'What is it called?', initialValue: given.name, validate: required }),
  )
  const persona = answered<string>(
    await text({
      message: 'Who is it, and how does it speak?',
      initialValue: given.persona,
      validate: required,
    }),
  )
  const spoken = answered<Language[]>(
    await multiselect<Language>({
      message: 'Which languages does it speak?',
      options: languages.map((value) => ({ value, label: labels[value] })),
      initialValues: given.languages,
    }),
  )
  return { name: name.trim(), persona: persona.trim(), languages: spoken }
}

function answered<T extends string | string[]>(answer: T | symbol): T {
  if (typeof answer !== 'symbol') return answer // The only symbol there is means cancelled.
  cancel('Nothing was written.')
  throw new CommandFailure('Cancelled.')
}
