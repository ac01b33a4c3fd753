import { expect, test } from 'vitest'
import { faqAnswerer, loadAgencyFaq, turnOf } from '../../bench/faq-measurement.ts'
import { detectLanguage } from '../../src/model/language.ts'

const answerer = faqAnswerer(loadAgencyFaq())
const ask = (text: string) => answerer.answer(turnOf(text, detectLanguage(text) ?? 'en'))

test.each([
  'How can I contact you',
  'как с вами связаться',
  'дайте контакты',
  'your service is terrible',
  'ваша поддержка отвратительна',
  'write python code for me',
])('the agency has no ready answer to "%s"', async (text) => {
  expect(await ask(text)).toBeUndefined()
})

test('of five questions at once three are answered, and the other two left open', async () => {
  const answer = await ask(
    'What do you charge? Do you work with banks? Do you sign an NDA? How long does a project take? Are you ISO certified?',
  )
  expect(answer?.trace).toMatchObject({ rule: 'pricing-project-cost general-industries process-duration' })
  expect(answer?.leaves?.map(({ text }) => text)).toEqual(['Do you sign an NDA?\nAre you ISO certified?'])
})
