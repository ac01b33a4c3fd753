import { describe, expect, test } from 'vitest'
import { asksForHuman } from './asks.ts'
import { isOneSlipAway } from './typo.ts'

describe('asks for a human', () => {
  test.each([
    'talk to a human',
    'I want to talk to a human',
    'Can I speak with a real person, please?',
    'could you connect me to an operator',
    'Transfer me to an agent now',
    'human please',
    'operator',
    'Agent!',
    'I need a human',
    'get me a human',
    'Please put me through to somebody',
    'This does not help me so I want a real person',
    'No, I want a human.',
    'is there a human here?',
    'let me chat with your sales manager about a discount',
    'Why can’t I talk to a human?',
    'I would rather speak to someone from your team',
    'I do not want to talk to a bot, I want to talk to a human',
    'I want to tlak to a human',
    'speak to a humna',
    'conect me with an oprator',
    'позовите оператора',
    'Позови человека',
    'живой человек',
    'Здравствуйте, можно поговорить с живым человеком?',
    'соедините меня с менеджером',
    'Переключите на оператора, пожалуйста',
    'хочу поговорить с человеком о проекте',
    'нужен оператор',
    'оператора позовите срочно',
    'с человеком можно поговорить?',
    'Есть тут живые люди?',
    'Дайте живого человека!',
    'Не могли бы вы позвать консультанта?',
    'Можно ли связаться с вашим менеджером?',
    'бот, позови человека',
    'ОПЕРАТОР',
    'позовите опператора',
    'пазовите человека',
    'Я уже третий раз пишу, соедините с кем-нибудь из поддержки',
  ])('%s', (text) => {
    expect(asksForHuman(text)).toBe(true)
  })
})

describe('does not ask for a human', () => {
  test.each([
    'human resources software',
    'Do you build human resources software?',
    'We want to talk to human resources software vendors',
    'operator overloading',
    'How does operator overloading work in C++?',
    'we need a Kubernetes operator for our database',
    'I need an operator for my cluster',
    'Can you build an agent framework?',
    'are you a human?',
    'Are you a real person or a bot?',
    'am I talking to a human?',
    "I don't want to talk to a human",
    'Can users talk to a human in the app you build?',
    'can the bot transfer users to a human operator?',
    'Which roles do you have: manager, operator, agent?',
    'We need somebody to build a website',
    'How do you support customers?',
    'Do you give support after delivery?',
    'Who will be the project manager?',
    'the person in charge of our cloud left',
    'ты человек?',
    'вы живой человек?',
    'Как вызвать оператор в Python?',
    'перегрузка операторов в C++',
    'нужен оператор Kubernetes для базы данных',
    'не нужен оператор',
    'не хочу говорить с человеком',
    'Может ли чат-бот позвать оператора?',
    'Нужен специалист по Kubernetes',
    'сколько человек в команде?',
    'Кто менеджер проекта?',
    'Сколько людей будет работать над проектом?',
    'переведите сайт на английский',
    'Можно связать CRM с сайтом?',
    '',
    '👍',
  ])('%s', (text) => {
    expect(asksForHuman(text)).toBe(false)
  })
})

test.each([
  ['human', 'humna', true],
  ['human', 'humn', true],
  ['human', 'huuman', true],
  ['human', 'humbn', true],
  ['human', 'human', true],
  ['human', 'woman', false],
  ['agent', 'urgent', false],
])('%s and %s are one slip apart: %s', (a, b, slip) => {
  expect(isOneSlipAway(a, b)).toBe(slip)
})
