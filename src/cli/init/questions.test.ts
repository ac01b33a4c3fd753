import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test, vi } from 'vitest'
import { askQuestions } from './questions.ts'

const given = { name: 'Parley', persona: 'You help.', languages: ['en' as const, 'ru' as const] }

/** Answers the questions as they appear. */
async function answer(...answers: string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let shown = ''
  output.on('data', (data) => (shown += stripVTControlCharacters(String(data))))
  const asked = askQuestions(given, { input, output })
  const questions = ['What is it called?', 'Who is it', 'Which languages']
  for (const [index, question] of questions.entries()) {
    await vi.waitFor(() => expect(shown).toContain(question))
    for (const key of answers[index] ?? '') input.write(key)
    input.write('\r')
  }
  return { answers: await asked, shown }
}

test('Enter takes what is shown', async () => {
  const { answers, shown } = await answer()
  expect(answers).toEqual(given)
  expect(shown).toContain('You help.')
})

test('what is typed stands alone, there is nothing to delete; blanks are nothing', async () => {
  const { answers } = await answer('Acme', '  ')
  expect(answers).toEqual({ ...given, name: 'Acme' })
})
