import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { messageOf, turnOf } from '../../../bench/faq-measurement.ts'
import type { Asked, Turn } from '../answers.ts'
import { createFaq } from './faq.ts'
import { faqSchema } from './file.ts'
import { prepareFaq } from './load.ts'

const source = `
entries:
  - id: price
    category: general
    related: [hours]
    en: { title: Prices, question: How much is a loaf?, variants: [price of bread, what does it cost], answer: Two euros. }
    ru: { title: Цены, question: Сколько стоит буханка?, variants: [цена хлеба, сколько стоит], answer: Два евро. }
  - id: hours
    category: general
    related: [price, delivery]
    en: { title: Hours, question: When are you open?, variants: [opening hours, are you open on Sunday], answer: Till five. }
    ru: { title: Часы, question: Когда вы открыты?, variants: [часы работы, работаете ли в воскресенье], answer: До пяти. }
  - id: delivery
    category: general
    en: { title: Delivery, question: Do you deliver?, variants: [bring it to my home], answer: Within the town. }
    ru: { title: Доставка, question: Вы доставляете?, variants: [привезти домой], answer: По городу. }
  - id: origin
    category: general
    en: { title: Flour, question: Where does your flour come from?, variants: [origin of flour], answer: From the mill. }
    ru: { title: Мука, question: Откуда ваша мука?, variants: [происхождение муки], answer: С мельницы. }
`
const faq = prepareFaq(faqSchema.parse(parse(source)))
const answerer = createFaq({ current: () => faq })

const ask = (turn: Turn, asked?: Asked) => answerer.answer(turn, asked)
const say = (text: string, language: 'en' | 'ru' = 'en') => ask(turnOf(text, language))
const burst = (...messages: Turn['messages']): Turn => ({
  ...turnOf(messages.map(({ text }) => text).join('\n'), 'en'),
  messages: messages.map((message, position) => ({ ...message, seq: position + 1 })),
})

describe('an answer from the file', () => {
  test('carries its text, buttons to related entries, full confidence and the reasons', async () => {
    const answer = await say('How much is a loaf?')
    expect(answer?.replies).toEqual([
      { text: 'Two euros.', buttons: [[{ label: 'Hours', action: 'faq:hours' }]] },
    ])
    expect(answer?.confidence).toBe(0.9)
    expect(answer?.trace).toMatchObject({
      rule: 'price',
      language: 'en',
      score: 0.9,
      matches: [{ rule: 'price', closest: 'How much is a loaf?', words: expect.arrayContaining(['loaf']) }],
    })
  })

  test.each([
    ['Hello there! how much is a loaf please', 'Two euros.'],
    ['HOW MUCH IS THE LOAFF???', 'Two euros.'],
    ['is a loaf how much', 'Two euros.'],
    ['on sundays, are you open', 'Till five.'],
  ])('survives greeting, typo and word order: %s', async (text, expected) => {
    expect((await say(text))?.replies[0]?.text).toBe(expected)
  })

  test('is in the language of the person, whichever the question was found in', async () => {
    expect((await say('Сколько стоит буханка?', 'ru'))?.replies[0]?.text).toBe('Два евро.')
    expect((await say('Сколько стоит буханка?', 'en'))?.replies[0]?.text).toBe('Two euros.')
  })

  test.each([
    ['nothing', ''],
    ['a smile', '🙂'],
    ['question marks', '???'],
    ['a greeting', 'hello'],
    ['another subject', 'who won the football match yesterday'],
    ['one endless word', 'x'.repeat(500_000)],
    ['endless questions', '?1'.repeat(500_000)],
    ['endless gibberish', 'qwjf zzkp '.repeat(50_000)],
  ])('is not given to %s', async (_, text) => {
    const declined: unknown[] = []
    const answer = await ask(turnOf(text, 'en'), { declined: [], decline: (reason) => declined.push(reason) })
    expect(answer).toBeUndefined()
    expect(declined).toEqual(['no_match'])
  })
})

describe('several questions at once', () => {
  test('are answered in order in one reply', async () => {
    const answer = await say('Hi! When are you open?\nHow much is a loaf?')
    expect(answer?.replies).toEqual([
      {
        text: '**Hours**\n\nTill five.\n\n**Prices**\n\nTwo euros.',
        buttons: [[{ label: 'Delivery', action: 'faq:delivery' }]],
      },
    ])
    expect(answer?.trace).toMatchObject({ rule: 'hours price' })
  })

  const four =
    'When are you open? How much is a loaf? When are you open? Do you deliver? Where does your flour come from?'

  test('are all answered, and none twice', async () => {
    expect((await say(four))?.trace).toMatchObject({ rule: 'hours price delivery origin' })
    const messages = four.match(/[^?]+[?]/g)?.map((text) => messageOf(text.trim(), 'text')) ?? []
    const answer = await ask(burst(...messages))
    expect(answer?.trace).toMatchObject({ rule: 'hours price delivery origin' })
    expect(answer?.leaves).toBeUndefined()
  })

  test('in one message leave those nobody here can answer to those asked next, and no small remark', async () => {
    const answer = await say(
      'Hello! How much is a loaf? Who won the football match? When are you open? On Sunday? Can you help? Ist das Brot vegan?',
    )
    expect(answer?.trace).toMatchObject({ rule: 'price hours' })
    expect(answer?.leaves?.map(({ text }) => text)).toEqual([
      'Who won the football match?\nIst das Brot vegan?',
    ])
  })

  test('joined by "and" are two only where both are what the sentence may mean', async () => {
    const both = await say('How much is a loaf and when are you open on Sunday?')
    expect(both?.trace).toMatchObject({ rule: 'price hours' })
  })

  test('leave a message nobody here can answer to those asked next', async () => {
    const foreign = messageOf('Who won the football match?', 'text')
    const answer = await ask(burst(messageOf('How much is a loaf?', 'text'), foreign))
    expect(answer?.trace).toMatchObject({ rule: 'price' })
    expect(answer?.leaves?.map(({ text }) => text)).toEqual([foreign.text])
  })

  test('leave a request that is no question, but not a remark that leads up to one', async () => {
    const request = messageOf('My oven is on fire, please tell me how to put it out', 'text')
    const remark = messageOf('We are a hotel here in town', 'text')
    const answer = await ask(burst(remark, messageOf('Do you deliver?', 'text'), request))
    expect(answer?.leaves?.map(({ text }) => text)).toEqual([request.text])
  })

  test('are found where one is written in pieces', async () => {
    const answer = await ask(burst(messageOf('when are', 'text'), messageOf('you open?', 'text')))
    expect(answer?.trace).toMatchObject({ rule: 'hours' })
    expect(answer?.leaves).toBeUndefined()
  })

  test('a flood is looked at no longer than a talk, and what nobody looked at is left', async () => {
    let looks = 0
    const counting = {
      ...faq,
      matcher: { ...faq.matcher, match: (text: string) => (looks++, faq.matcher.match(text)) },
    }
    const flood = Array.from({ length: 200 }, (_, index) =>
      messageOf(`${index} ${'qwrt zxcv plmk? '.repeat(100)}`, 'text'),
    )
    const answer = await createFaq({ current: () => counting }).answer(
      burst(messageOf('Do you deliver?', 'text'), ...flood),
    )
    expect(answer?.trace).toMatchObject({ rule: 'delivery' })
    expect(answer?.leaves).toHaveLength(200)
    expect(looks).toBeLessThanOrEqual(24)
  })
})

test('what is for the team is answered by that very question of the file alone', async () => {
  const strict = createFaq({ current: () => faq, isForTeam: (text) => text.includes('bread') })
  expect(await strict.answer(turnOf('what is the price of your bread', 'en'))).toBeUndefined()
  const both = await strict.answer(turnOf('Is your bread awful? Do you deliver?', 'en'))
  expect(both?.trace).toMatchObject({ rule: 'delivery' })
  expect((await strict.answer(turnOf('Price of bread', 'en')))?.trace).toMatchObject({ rule: 'price' })
})

describe('a button', () => {
  test('answers its entry directly', async () => {
    const answer = await ask(burst(messageOf('faq:origin', 'button')))
    expect(answer?.replies).toEqual([{ text: 'From the mill.' }])
    expect(answer?.trace).toMatchObject({ rule: 'origin', score: 0.9, matches: [] })
  })

  test('comes before what was written beside it', async () => {
    const answer = await ask(
      burst(messageOf('How much is a loaf?', 'text'), messageOf('faq:hours', 'button')),
    )
    expect(answer?.trace).toMatchObject({ rule: 'hours price' })
  })

  test('of an entry that is gone is none', async () => {
    expect(await ask(burst(messageOf('faq:gone', 'button')))).toBeUndefined()
  })
})

test('a reload takes effect at the next turn', async () => {
  let current = faq
  const reloading = createFaq({ current: () => current })
  current = prepareFaq(faqSchema.parse(parse(source.replace('Two euros.', 'Three euros.'))))
  expect((await reloading.answer(turnOf('price of bread', 'en')))?.replies[0]?.text).toBe('Three euros.')
})

test('a higher minimum passes more on', async () => {
  const strict = createFaq({ current: () => faq, minimumScore: 0.91 })
  expect(await strict.answer(turnOf('How much is a loaf?', 'en'))).toBeUndefined()
})
