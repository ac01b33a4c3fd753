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

test.each([
  ['Do you build mobile apps and are you ISO certified?', 'technical-mobile', 'are you ISO certified?'],
  ['How much does a website cost and do you sign an NDA?', 'pricing-project-cost', 'do you sign an NDA?'],
  [
    'Сколько стоит сайт и можно ли посмотреть ваш офис?',
    'pricing-project-cost',
    'можно ли посмотреть ваш офис?',
  ],
])(
  'of two questions in one sentence the one without an answer is left open: %s',
  async (said, rule, open) => {
    const answer = await ask(said)
    expect(answer?.trace).toMatchObject({ rule })
    expect(answer?.leaves?.map(({ text }) => text)).toEqual([open])
  },
)

test('where only one of them is answered for the sake of the whole, the other is a button', async () => {
  const answer = await ask('Can you migrate us to AWS and what will it cost?')
  expect(answer?.trace).toMatchObject({ rule: 'devops-cloud-migration' })
  expect(answer?.replies[0]?.buttons?.[0]).toMatchObject([{ action: 'faq:pricing-project-cost' }])
})

test('of five questions at once three are answered, and the other two left open', async () => {
  const answer = await ask(
    'What do you charge? Do you work with banks? Do you sign an NDA? How long does a project take? Are you ISO certified?',
  )
  expect(answer?.trace).toMatchObject({ rule: 'pricing-project-cost general-industries process-duration' })
  expect(answer?.leaves?.map(({ text }) => text)).toEqual(['Do you sign an NDA?\nAre you ISO certified?'])
})
